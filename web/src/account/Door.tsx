import { Link } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { m } from '../i18n/messages'
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

/** What was done, and the way to sign in. */
export function DoorDone({ title, text }: { title: string; text: string }) {
  return (
    <Door title={title}>
      <div className="door-result" role="status">
        <CircleCheck size={28} className="ok" aria-hidden />
        <p>{text}</p>
      </div>
      <p className="door-line">
        <Link to="/sign-in" className="link">
          {m.door.signIn()}
        </Link>
      </p>
    </Door>
  )
}
