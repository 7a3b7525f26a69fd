import type { ReactNode } from 'react'
import { Logo } from '../ui/Logo'
import { Title } from '../ui/Page'

/** The frame of the pages before somebody is signed in. */
export function Door({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <main className="door">
      <Title text={title} />
      <Logo />
      <div className="door-panel">
        <h1>{title}</h1>
        {text === undefined ? null : <p className="soft">{text}</p>}
        {children}
      </div>
    </main>
  )
}
