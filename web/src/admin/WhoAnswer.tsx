import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Who, WhoGrant } from '../api/types'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'
import { until as untilWhen } from '../ui/reason'
import { Holder } from './Holder'
import { Reaches } from './Reaches'
import { WhoLinks } from './WhoLinks'
import { WhoRequests } from './WhoRequests'

/** Who reaches a place: how many, by which grants, and who acts without one. */
export function WhoAnswer({ who, children }: { who: Who; children: ReactNode }) {
  const place = who.key === '' ? who.bucket : `${who.bucket}/${who.key}`
  return (
    <div className="reach-answer">
      <section className="section" aria-label={ma.reach.count()}>
        <h2>
          {ma.reach.reached(who.persons_total)} <code><Name text={place} /></code>
        </h2>
        <ul className="totals">
          {who.totals
            .filter(({ persons }) => persons > 0)
            .map(({ action, persons }) => (
              <li key={action}>
                <code>{action}</code> {ma.reach.persons(persons)}
              </li>
            ))}
        </ul>
      </section>
      <section className="section">
        <h2>{ma.reach.byGrants()}</h2>
        {who.grants.length === 0 ? <p className="soft">{ma.reach.noGrant()}</p> : null}
        {who.grants.map((grant) => (
          <Grant key={grant.id} grant={grant} />
        ))}
        {who.grants_total > who.grants.length ? <p className="soft">{ma.reach.moreGrants(who.grants_total - who.grants.length)}</p> : null}
      </section>
      <section className="section">
        <h2>{ma.reach.people()}</h2>
        {children}
      </section>
      <section className="section">
        <h2>{ma.reach.roles()}</h2>
        <p className="soft">{ma.reach.rolesText()}</p>
        {who.roles.map(({ role, machines, reaches }) => (
          <details key={role} className="way">
            <summary>
              {role} <small className="soft">{machines.length === 0 ? null : ma.reach.machines(machines.join(', '))}</small>
            </summary>
            <Reaches reaches={reaches} />
          </details>
        ))}
      </section>
      <section className="section" aria-label={ma.reach.strangers()}>
        <h2>{ma.reach.strangers()}</h2>
        {who.strangers.length === 0 ? <p className="soft">{ma.reach.noStranger()}</p> : <Reaches reaches={who.strangers} />}
      </section>
      <WhoLinks who={who} />
      <WhoRequests who={who} />
      <p className="soft">{ma.reach.assumed()}</p>
    </div>
  )
}

function Grant({ grant }: { grant: WhoGrant }) {
  const { subject, role, bucket, prefix, until, persons, same_for_all: same, reaches } = grant
  return (
    <details className="way">
      <summary>
        <Holder subject={subject} /> <small className="soft">{ma.reach.grantOf(role, persons)}</small>{' '}
        <code>
          <Name text={`${bucket}/${prefix}`} />
        </code>
        {until === null ? null : <small className="soft"> {untilWhen(until)}</small>}
      </summary>
      {same ? null : <p className="soft">{ma.reach.differs()}</p>}
      {subject.kind === 'person' ? (
        <p>
          <Link to="/people/$uid/reach" params={{ uid: subject.uid }} className="link">
            {ma.grants.reach()}
          </Link>
        </p>
      ) : null}
      <Reaches reaches={reaches} />
    </details>
  )
}
