import { Link } from '@tanstack/react-router'
import { Lock, Signpost } from 'lucide-react'
import { m } from '../i18n/messages'
import { Blank } from '../ui/Notice'

/** An address that leads nowhere; outside the shell, so it brings its own landmark. */
export function NotFound() {
  return (
    <main>
      <Blank icon={<Signpost size={30} strokeWidth={1.6} aria-hidden />} title={m.app.notFound()} page>
        <p>{m.app.notFoundText()}</p>
        <ToFiles />
      </Blank>
    </main>
  )
}

/** Says it kindly; that nothing is shown is the server's doing. */
export function NotForYou() {
  return (
    <Blank icon={<Lock size={30} strokeWidth={1.6} aria-hidden />} title={m.app.administratorsOnly()} page>
      <ToFiles />
    </Blank>
  )
}

function ToFiles() {
  return (
    <Link to="/" className="link">
      {m.app.toFiles()}
    </Link>
  )
}
