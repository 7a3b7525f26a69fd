import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { effectiveQuery, grantsQuery, peopleQuery } from '../api/admin'
import type { EffectiveLocation } from '../api/types'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { source } from '../ui/reason'
import { GrantForm } from './GrantForm'
import { GrantTable } from './GrantTable'
import { PersonKeys, PersonTokens } from './PersonCarries'
import { PersonIdentities } from './PersonIdentities'
import { SeeAsPerson } from './SeeAs'

/** What one person can reach and by what, the grants given to them by name, and what they carry about. */
export function PersonPage() {
  const { uid } = useParams({ from: '/signed-in/administration/people/$uid' })
  const { data: people } = useQuery(peopleQuery)
  const { data, error, isPending, refetch } = useQuery(grantsQuery(uid))
  const person = people?.find((row) => row.uid === uid)
  const back = (
    <Link to="/people" className="link">
      <ArrowLeft size={15} aria-hidden /> {ma.grants.back()}
    </Link>
  )
  return (
    <Page title={ma.people.grantsOf(person?.name ?? uid)} text={ma.grants.text()} actions={back}>
      {person !== undefined && person.status !== 'active' ? <Notice tone="warn">{ma.people.notActive()}</Notice> : null}
      <Reach uid={uid} name={person?.status === 'active' ? person.name : undefined} />
      <section className="section">
        <h2>{ma.grants.byName()}</h2>
        {isPending ? <Loading /> : null}
        {error ? <Failure title={ma.grants.failed()} error={error} onRetry={() => void refetch()} /> : null}
        {data?.length === 0 ? <Notice tone="calm">{ma.grants.noneByName()}</Notice> : null}
        {data !== undefined && data.length > 0 ? (
          <GrantTable caption={ma.grants.byName()} grants={data} subjects={false} />
        ) : null}
      </section>
      <PersonTokens uid={uid} />
      <PersonKeys uid={uid} />
      <GrantForm uid={uid} />
      <PersonIdentities uid={uid} />
    </Page>
  )
}

function Reach({ uid, name }: { uid: string; name: string | undefined }) {
  const { data, error, isPending, refetch } = useQuery(effectiveQuery(uid))
  return (
    <section className="section">
      <h2>{ma.grants.reach()}</h2>
      <Link to="/people/$uid/reach" params={{ uid }} className="link">
        {ma.reach.open()}
      </Link>
      {name === undefined ? null : <SeeAsPerson uid={uid} name={name} />}
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.grants.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? <Notice tone="calm">{ma.grants.none()}</Notice> : null}
      {data !== undefined && data.length > 0 ? <Locations held={data} /> : null}
    </section>
  )
}

function Locations({ held }: { held: readonly EffectiveLocation[] }) {
  return (
    <table className="table">
      <caption className="hidden-text">{ma.grants.reach()}</caption>
      <thead>
        <tr>
          <th scope="col">{ma.grants.prefix()}</th>
          <th scope="col">{ma.grants.role()}</th>
          <th scope="col">{ma.grants.by()}</th>
          <th scope="col">{ma.grants.until()}</th>
        </tr>
      </thead>
      <tbody>
        {held.map((location) => (
          <tr key={location.id}>
            <th scope="row">
              <Name text={location.title} />{' '}
              <code>{location.prefix === '' ? `${location.bucket} (${ma.grants.wholeBucket()})` : `${location.bucket}/${location.prefix}`}</code>
            </th>
            <td data-label={ma.grants.role()}>{location.role}</td>
            <td data-label={ma.grants.by()}>{source(location.by)}</td>
            <td data-label={ma.grants.until()}>{location.until === null ? ma.grants.noEnd() : dateTime(location.until)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
