import type { ReactNode } from 'react'
import { visibleName } from '../i18n/visible'

interface Props {
  title: string
  text?: string
  actions?: ReactNode
  children: ReactNode
}

/** A page that scrolls as a whole: a heading, a line of text, content. Sets the window's title. */
export function Page({ title, text, actions, children }: Props) {
  return (
    <div className="page">
      <Title text={title} />
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          {text === undefined ? null : <p>{text}</p>}
        </div>
        {actions}
      </div>
      {children}
    </div>
  )
}

/** React hoists this into the document's head. */
export function Title({ text }: { text: string }) {
  return <title>{`${visibleName(text)} – Wellhouse`}</title>
}
