import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../api/session'
import { m } from '../i18n/messages'
import { Name } from './Name'
import { placeOf, uidOf } from './reason'

interface Explanation {
  principal: string
  decision: 'allowed' | 'explicit-deny' | 'implicit-deny'
  action: string
  resource: string
  role: string
  policy?: string | null
  statement?: string | null
  message: string
  near_miss?: string | null
}

interface Explained {
  allowed: boolean
  explanation: Explanation
}

/** The “Why?” line: which role, policy and statement decided, or that none allowed it. */
export function Why({ allowed, explanation }: Explained) {
  return (
    <div className="why">
      <p>
        <span className={allowed ? 'pill pill-ok' : 'pill pill-bad'}>{allowed ? m.why.allowed() : m.why.refused()}</span>{' '}
        {allowed ? <Source {...explanation} /> : refusalOf(explanation)}
      </p>
      {allowed ? null : <Technical {...explanation} />}
    </div>
  )
}

/** One sentence for a person, in place of the long one that AWS writes. */
export function refusalOf({ decision, role, action, resource, policy, statement }: Explanation): string {
  const what = resource === '' ? m.why.here() : resource.replace(/^arn:[^:]*:s3:::/, '')
  if (decision === 'explicit-deny') return m.why.forbidden(action, what, m.why.by(policy ?? role, statement ?? undefined))
  return m.why.notAllowed(action, what, role)
}

function Source({ role, policy, statement }: Explanation) {
  return (
    <>
      {m.why.byRole()} <b>{role}</b>
      {policy && policy !== role ? (
        <>
          , {m.why.policy()} <b>{policy}</b>
        </>
      ) : null}
      {statement ? (
        <>
          , {m.why.statement()} <code>{statement}</code>
        </>
      ) : null}
    </>
  )
}

function Technical({ message, near_miss: nearMiss, principal, action, resource }: Explanation) {
  const { data: session } = useQuery(sessionQuery)
  const uid = session?.person.administrator === true ? uidOf(principal) : undefined
  return (
    <details>
      <summary>{m.common.technical()}</summary>
      <p>
        <Name text={message} />
      </p>
      {nearMiss ? <p>{m.why.nearMiss(nearMiss)}</p> : null}
      {uid === undefined ? null : (
        <p>
          <Link to="/simulator" search={{ uid, action, ...placeOf(resource) }}>
            {m.why.simulate()}
          </Link>
        </p>
      )}
    </details>
  )
}
