import { useQuery } from '@tanstack/react-query'
import { guardRailsQuery } from '../api/changes'
import type { GuardRail } from '../api/types'
import { ma } from '../i18n/administration'
import { Marked } from '../ui/Marked'
import { Name } from '../ui/Name'
import { Failure, Loading } from '../ui/Notice'
import { Refusal } from './ChangeSetView'

/** What must never be allowed, proved at this moment, and what must be as it is. */
export function GuardRails() {
  const { data, error, isPending, refetch } = useQuery(guardRailsQuery)
  return (
    <section aria-labelledby="rails">
      <h2 id="rails">{ma.changes.rails()}</h2>
      <p className="soft">{ma.changes.railsText()}</p>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.changes.railsFailed()} error={error} onRetry={() => void refetch()} /> : null}
      <ul className="roles">
        {data?.rails.map((rail) => <Rail key={rail.name} rail={rail} />)}
        {data?.expectations.map(({ name, missed }) => (
          <li key={name}>
            <h3>
              <Name text={ma.changes.expectation(name)} /> <Holds good={missed === null} yes={ma.changes.met()} no={ma.changes.missed()} />
            </h3>
            {missed === null ? null : (
              <p>
                <Marked text={missed} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Rail({ rail: { name, why, broken } }: { rail: GuardRail }) {
  return (
    <li>
      <h3>
        <Name text={name} /> <Holds good={broken.length === 0} yes={ma.changes.holds()} no={ma.changes.broken()} />
      </h3>
      <p>
        <Name text={why} />
      </p>
      {broken.length === 0 ? null : (
        <ul>
          {broken.map((refusal) => (
            <li key={refusal.kind === 'rail' ? refusal.who : refusal.kind}>
              <Refusal refusal={refusal} />
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function Holds({ good, yes, no }: { good: boolean; yes: string; no: string }) {
  return <span className={good ? 'pill pill-ok' : 'pill pill-bad'}>{good ? yes : no}</span>
}
