import { Link } from '@tanstack/react-router'
import { KeyRound, Lock, Signpost } from 'lucide-react'
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

/** An administrator without the second factor that it takes; the server shows them nothing either. */
export function FactorFirst() {
  return (
    <Blank icon={<KeyRound size={30} strokeWidth={1.6} aria-hidden />} title={m.factor.first()} page>
      <p>{m.factor.required()}</p>
      <Link to="/account" className="link">
        {m.factor.toAccount()}
      </Link>
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
