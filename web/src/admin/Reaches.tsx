import type { ActionReach, ReachPart } from '../api/types'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'

/** What is reached, action by action: how far, and which statement allows it. */
export function Reaches({ reaches }: { reaches: readonly ActionReach[] }) {
  return (
    <ul className="reaches">
      {reaches.map((reach) => (
        <li key={reach.action} data-extent={reach.extent}>
          <code>{reach.action}</code> {ma.reach.extent[reach.extent]()}
          <Parts reach={reach} />
          <By reach={reach} />
        </li>
      ))}
    </ul>
  )
}

function Parts({ reach: { parts, except, wanting, extent } }: { reach: ActionReach }) {
  if (extent === 'conditionally' && wanting.length > 0) return <> {ma.reach.wanting(wanting.join(', '))}</>
  if (parts.length === 0) return null
  return (
    <>
      {': '}
      <Texts parts={parts} />
      {except.length === 0 ? null : (
        <>
          {' '}
          {ma.reach.except()} <Texts parts={except} />
        </>
      )}
    </>
  )
}

/** As policies write it: `*` stands for whatever comes behind. */
function Texts({ parts }: { parts: readonly ReachPart[] }) {
  return parts.map(({ text, exact }, n) => (
    <span key={`${text} ${String(exact)}`}>
      {n > 0 ? ', ' : null}
      <code>
        <Name text={exact ? text : `${text}*`} />
      </code>
    </span>
  ))
}

function By({ reach: { policy, statement, extent } }: { reach: ActionReach }) {
  if (policy === null || statement === null || extent === 'conditionally') return null
  return <small className="soft"> {ma.reach.by(statement, policy)}</small>
}
