import { Link } from '@tanstack/react-router'
import { Signpost } from 'lucide-react'
import { m } from '../i18n/messages'
import { Blank } from '../ui/Notice'

export function NotFound({ text }: { text?: string }) {
  return (
    <main className="page">
      <Blank icon={<Signpost size={30} strokeWidth={1.6} aria-hidden />} title={text ?? m.app.notFound()}>
        {text === undefined ? <p>{m.app.notFoundText()}</p> : null}
        <Link to="/" className="link">
          {m.app.toFiles()}
        </Link>
      </Blank>
    </main>
  )
}
