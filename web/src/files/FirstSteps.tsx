import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { allGrantsQuery, invitationsQuery, peopleQuery } from '../api/admin'
import { mailQuery } from '../api/mail'
import type { Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Kept } from '../ui/kept'
import { useKept } from '../ui/useKept'

const dismissed = new Kept('first-steps-dismissed', (raw) => raw === true)

/** What an administrator does first in a house that is new, until it is done or put away. */
export function FirstSteps({ session }: { session: Session }) {
  const away = useKept(dismissed)
  // Without a second factor the pages of administrators are closed, and so are their answers.
  const closed = session.second_factor.required && !session.second_factor.set
  const enabled = !away && !closed
  const { data: mail } = useQuery({ ...mailQuery, enabled })
  const { data: people } = useQuery({ ...peopleQuery, enabled })
  const { data: invitations } = useQuery({ ...invitationsQuery, enabled })
  const { data: grants } = useQuery({ ...allGrantsQuery, enabled })
  const steps = [
    { to: '/account', text: m.steps.factor(), done: session.second_factor.set },
    { to: '/settings', text: m.steps.mail(), done: mail?.set_up === true },
    { to: '/invitations', text: m.steps.person(), done: (people?.length ?? 0) > 1 || (invitations?.length ?? 0) > 0 },
    { to: '/grants', text: m.steps.grant(), done: grants?.some((grant) => grant.given_by !== null) === true },
  ] as const
  const loading = enabled && (mail === undefined || people === undefined || invitations === undefined || grants === undefined)
  if (away || loading || steps.every(({ done }) => done)) return null
  return (
    <section className="places" aria-label={m.steps.title()}>
      <h2>{m.steps.title()}</h2>
      <ul className="lines">
        {steps.map(({ to, text, done }) => (
          <li key={to} className="place">
            {done ? <CircleCheck size={17} className="ok" aria-label={m.steps.done()} role="img" /> : <CircleDashed size={17} aria-label={m.steps.open()} role="img" />}
            {done ? <span>{text}</span> : <Link to={to}>{text}</Link>}
          </li>
        ))}
      </ul>
      <p className="soft">{m.steps.backup()}</p>
      <Button onPress={() => dismissed.set(true)}>{m.steps.dismiss()}</Button>
    </section>
  )
}
