import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { policyVersionsQuery } from '../api/changes'
import type { PolicyUse, StatementUse } from '../api/types'
import { ma } from '../i18n/administration'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { Notice } from '../ui/Notice'

interface Props {
  role: string
  policy: PolicyUse
  widened: readonly string[]
}

/** What of a policy nobody used, and the smaller one, which can be taken into the editor as a draft. */
export function UsedPolicy({ role, policy, widened }: Props) {
  const unused = policy.statements.filter(isUnused)
  return (
    <>
      <section className="section" aria-label={ma.usage.unused()}>
        <h2>{ma.usage.unused()}</h2>
        {unused.length === 0 ? <p className="soft">{ma.usage.allUsed()}</p> : null}
        <ul>
          {unused.map((one) => (
            <li key={one.statement}>
              <Unused statement={one} />
            </li>
          ))}
        </ul>
      </section>
      <section className="section used" aria-label={ma.usage.smaller()}>
        <h2>{ma.usage.smaller()}</h2>
        <Smaller role={role} policy={policy} widened={widened} />
      </section>
    </>
  )
}

function isUnused({ effect, used, unused_actions: actions, unused_resources: resources }: StatementUse): boolean {
  return effect === 'allow' && (used.length === 0 || actions.length > 0 || resources.length > 0)
}

function Unused({ statement: { statement, used, unused_actions: actions, unused_resources: resources } }: { statement: StatementUse }) {
  if (used.length === 0) return <>{ma.usage.whole(statement)}</>
  return (
    <>
      {ma.usage.part(statement)}{' '}
      {[...actions, ...resources].map((text, n) => (
        <span key={text}>
          {n > 0 ? ', ' : null}
          <code>
            <Name text={text} />
          </code>
        </span>
      ))}
    </>
  )
}

function Smaller({ role, policy: { smaller, differs, proved, not_proved: why, characters }, widened }: Props) {
  const navigate = useNavigate()
  const { data: versions } = useQuery(policyVersionsQuery)
  const editable = versions?.editable.includes(role) === true
  if (!differs) return <p className="soft">{ma.usage.same()}</p>
  if (smaller === null) return <p className="soft">{proved ? ma.usage.empty() : ma.usage.notProved(why ?? '')}</p>
  return (
    <>
      <Notice tone={proved ? 'calm' : 'warn'}>{proved ? ma.usage.proved() : ma.usage.notProved(why ?? '')}</Notice>
      <pre tabIndex={0}>{smaller}</pre>
      <p className="soft">{ma.usage.size(characters)}</p>
      {widened.length === 0 ? null : (
        <p className="soft">
          <Name text={ma.usage.widened(widened.join(', '))} />
        </p>
      )}
      {editable ? (
        <Button look="primary" onPress={() => void navigate({ to: '/roles/$role', params: { role }, state: { draft: smaller } })}>
          {ma.usage.take()}
        </Button>
      ) : (
        <p className="soft">{ma.changes.notEditable()}</p>
      )}
    </>
  )
}
