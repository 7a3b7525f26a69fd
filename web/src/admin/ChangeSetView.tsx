import type { AccessDifference, ActionClass, AffectedPersons, ChangeRefusal, ChangeSet, PlaceChange } from '../api/types'
import { ma } from '../i18n/administration'
import { Marked } from '../ui/Marked'
import { Name } from '../ui/Name'
import { Notice } from '../ui/Notice'
import '../styles/changes.css'

/** How many persons are named before they are counted. */
const NAMED_MAX = 8

/** Who gains and who loses what, what to look at first, and what stands against it. */
export function ChangeSetView({ set }: { set: ChangeSet }) {
  const nothing = set.persons.length === 0 && set.roles.length === 0
  return (
    <section className="change-set" aria-label={ma.changes.set()} aria-live="polite">
      {set.refusals.length === 0 ? null : <Refusals refusals={set.refusals} />}
      {set.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {ma.changes.warnings[warning]()}
        </Notice>
      ))}
      <p className="soft">{ma.changes.asked(set.asked)}</p>
      {nothing ? <p>{ma.changes.nobody()}</p> : null}
      {set.persons.map((affected) => (
        <Affected key={affected.persons[0]?.uid} affected={affected} />
      ))}
      {set.roles.map(({ role, gained, lost, unknown }) => (
        <article key={role}>
          <h3>{ma.changes.itself(role)}</h3>
          <Side title={ma.changes.gains()} differences={gained} />
          <Side title={ma.changes.loses()} differences={lost} />
          <Unknown reasons={unknown} />
        </article>
      ))}
    </section>
  )
}

function Refusals({ refusals }: { refusals: readonly ChangeRefusal[] }) {
  return (
    <Notice tone="bad">
      <p>
        <strong>{ma.changes.refused()}</strong>
      </p>
      <ul>
        {refusals.map((refusal) => (
          <li key={keyOf(refusal)}>
            <Refusal refusal={refusal} />
          </li>
        ))}
      </ul>
    </Notice>
  )
}

function keyOf(refusal: ChangeRefusal): string {
  switch (refusal.kind) {
    case 'rail':
      return `${refusal.name} ${refusal.who}`
    case 'expectation':
      return refusal.name
    case 'last-administrator':
      return refusal.kind
  }
}

/** Why it is not made, and for a guard rail the request that would be allowed. */
export function Refusal({ refusal }: { refusal: ChangeRefusal }) {
  switch (refusal.kind) {
    case 'rail':
      return (
        <>
          {ma.changes.rail(refusal.name, refusal.why)}{' '}
          {refusal.request === null ? (
            <Name text={ma.changes.notProved(refusal.who)} />
          ) : (
            <>
              <Name text={ma.changes.would(refusal.who)} /> <code>{refusal.request.action}</code>{' '}
              <code>
                <Name text={refusal.request.resource} />
              </code>
            </>
          )}
        </>
      )
    case 'expectation':
      return (
        <>
          <Name text={ma.changes.expectation(refusal.name)} /> <Marked text={refusal.why} />
        </>
      )
    case 'last-administrator':
      return ma.changes.lastAdministrator()
  }
}

function Affected({ affected: { count, persons, gained, lost, locked_out, unknown } }: { affected: AffectedPersons }) {
  const named = persons.slice(0, NAMED_MAX)
  return (
    <article>
      <h3>
        {ma.changes.persons(count)}:{' '}
        {named.map(({ uid, name }, n) => (
          <span key={uid}>
            {n > 0 ? ', ' : null}
            <Name text={name === '' ? ma.changes.invited() : (name ?? uid)} />
          </span>
        ))}
        {count > named.length ? ` ${ma.changes.others(count - named.length)}` : null}
      </h3>
      {locked_out ? <Notice tone="warn">{ma.changes.lockedOut()}</Notice> : null}
      {gained.map((place) => (
        <Place key={keyOfPlace('+', place)} title={ma.changes.gains()} place={place} />
      ))}
      {lost.map((place) => (
        <Place key={keyOfPlace('-', place)} title={ma.changes.loses()} place={place} />
      ))}
      <Unknown reasons={unknown} />
    </article>
  )
}

function keyOfPlace(side: string, { role, bucket, prefix, by }: PlaceChange): string {
  return `${side} ${role} ${bucket}/${prefix} ${by.kind === 'group' ? (by.name ?? '') : by.kind}`
}

function Place({ title, place: { role, bucket, prefix, by, differences } }: { title: string; place: PlaceChange }) {
  return (
    <div>
      <p>
        {role},{' '}
        <code>
          <Name text={`${bucket}/${prefix}`} />
        </code>
        {prefix === '' ? ` (${ma.changes.wholeBucket()})` : null}, <Name text={byWords(by)} />
      </p>
      <Side title={title} differences={differences} />
    </div>
  )
}

function byWords(by: PlaceChange['by']): string {
  switch (by.kind) {
    case 'person':
      return ma.changes.by.person()
    case 'group':
      return ma.changes.by.group(by.name ?? '')
    case 'everyone':
      return ma.changes.by.everyone()
  }
}

/** The actions by class, and one request for each class. */
function Side({ title, differences }: { title: string; differences: readonly AccessDifference[] }) {
  if (differences.length === 0) return null
  const classes = [...new Set(differences.map((one) => one.class))]
  return (
    <dl>
      {classes.map((of) => (
        <Class key={of} title={title} of={of} differences={differences.filter((one) => one.class === of)} />
      ))}
    </dl>
  )
}

function Class({ title, of, differences }: { title: string; of: ActionClass; differences: readonly AccessDifference[] }) {
  const first = differences[0]
  return (
    <>
      <dt>
        {title}: {ma.changes.class(of)}
      </dt>
      <dd>
        {differences.map(({ action }) => (
          <code key={action}>{action}</code>
        ))}
        {first === undefined ? null : (
          <p className="soft">
            {ma.changes.example()} <code>{first.request.action}</code>{' '}
            <code>
              <Name text={first.request.resource} />
            </code>
          </p>
        )}
      </dd>
    </>
  )
}

function Unknown({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null
  return (
    <Notice tone="warn">
      <p>{ma.changes.unknown()}</p>
      <ul>
        {reasons.map((reason) => (
          <li key={reason}>
            <Marked text={reason} />
          </li>
        ))}
      </ul>
    </Notice>
  )
}
