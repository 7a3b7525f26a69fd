import { m } from '../i18n/messages'

interface Explained {
  allowed: boolean
  explanation: {
    decision: 'allowed' | 'explicit-deny' | 'implicit-deny'
    role?: string | null
    policy?: string | null
    statement?: string | null
    message: string
    near_miss?: string | null
  }
}

/** The “Why?” line: which role, policy and statement decided, or that none allowed it. */
export function Why({ allowed, explanation }: Explained) {
  const { role, policy, statement } = explanation
  return (
    <p className="why">
      <span className={allowed ? 'pill pill-ok' : 'pill pill-bad'}>{allowed ? m.why.allowed() : m.why.refused()}</span>{' '}
      {allowed ? null : refusal(explanation.decision)}{' '}
      {role ? (
        <>
          {m.why.byRole()} <b>{role}</b>
        </>
      ) : null}
      {policy && policy !== role ? (
        <>
          {role ? ', ' : null}
          {m.why.policy()} <b>{policy}</b>
        </>
      ) : null}
      {statement ? (
        <>
          , {m.why.statement()} <code>{statement}</code>
        </>
      ) : null}
      {allowed ? null : <span className="why-message">{explanation.message}</span>}
      {explanation.near_miss ? <span className="why-message">{m.why.nearMiss(explanation.near_miss)}</span> : null}
    </p>
  )
}

function refusal(decision: Explained['explanation']['decision']): string {
  return decision === 'explicit-deny' ? m.why.denied() : m.why.nothingAllows()
}
