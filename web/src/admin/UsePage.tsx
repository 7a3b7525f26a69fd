import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useState } from 'react'
import type { Narrowing, RoleUse, UnusedGrant } from '../api/types'
import { useOfRoleQuery } from '../api/usage'
import { dateTime } from '../i18n/format'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { Select } from '../ui/Select'
import '../styles/changes.css'
import '../styles/reach.css'
import { Holder } from './Holder'
import { UsedPlaces } from './UsedPlaces'
import { UsedPolicy } from './UsedPolicy'

const DAYS = ['7', '30', '90', '180', '400'] as const
type Days = (typeof DAYS)[number]

/** What a role was used for, what nobody used, and the smaller policy that would have sufficed. */
export function UsePage({ role }: { role: string }) {
  const [days, setDays] = useState<Days>('90')
  const [resources, setResources] = useState<Narrowing>('patterns')
  const { data, error, isPending, refetch } = useQuery({ ...useOfRoleQuery({ role, days: Number(days), resources }), placeholderData: keepPreviousData })
  const back = (
    <Link to="/roles/$role" params={{ role }} className="link">
      <ArrowLeft size={15} aria-hidden /> {ma.usage.back()}
    </Link>
  )
  const options: readonly { value: Narrowing; label: string }[] = [
    { value: 'patterns', label: ma.usage.patterns() },
    { value: 'places', label: ma.usage.placesOnly() },
  ]
  return (
    <Page title={ma.usage.title(role)} text={ma.usage.text()} actions={back}>
      <div className="filters">
        <Select label={ma.usage.days()} value={days} options={DAYS.map((value) => ({ value, label: ma.usage.lastDays(Number(value)) }))} onChange={setDays} />
        <Select label={ma.usage.resources()} hint={ma.usage.resourcesHint()} value={resources} options={options} onChange={setResources} />
      </div>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.usage.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data === undefined ? null : <Answer use={data} />}
    </Page>
  )
}

function Answer({ use }: { use: RoleUse }) {
  const watched = use.known_since !== null
  return (
    <div className="reach-answer">
      <Known use={use} />
      {watched || use.places.length > 0 ? <Used use={use} /> : null}
      {use.policies.map((policy) => (
        <UsedPolicy key={policy.name} role={use.role} policy={policy} widened={use.widened} />
      ))}
      {watched ? (
        <>
          <UnusedGrants grants={use.unused_grants} />
          <section className="section" aria-label={ma.usage.notSeen()}>
            <h2>{ma.usage.notSeen()}</h2>
            <p>{ma.usage.notSeenText()}</p>
          </section>
        </>
      ) : null}
    </div>
  )
}

function Used({ use }: { use: RoleUse }) {
  return (
    <section className="section" aria-label={ma.usage.uses()}>
      <h2>{ma.usage.uses()}</h2>
      {use.places.length === 0 ? (
        <p className="soft">{ma.usage.nothing()}</p>
      ) : (
        <>
          <p>
            {ma.usage.usedBy(use.persons, use.machines)} {use.others ? ma.usage.others() : null}
          </p>
          <UsedPlaces use={use} />
        </>
      )}
    </section>
  )
}

function Known({ use: { known_since: since, lost_at: lost, from, whole } }: { use: RoleUse }) {
  if (since === null) return <Notice tone="warn">{ma.usage.unknown()}</Notice>
  if (whole) return <Notice tone="calm">{ma.usage.known(dateTime(from))}</Notice>
  return (
    <Notice tone="warn">
      {since > from ? <p>{ma.usage.knownOnly(dateTime(since))}</p> : null}
      {lost !== null && lost >= from ? <p>{ma.usage.lost(dateTime(lost))}</p> : null}
    </Notice>
  )
}

function UnusedGrants({ grants }: { grants: readonly UnusedGrant[] }) {
  return (
    <section className="section" aria-label={ma.usage.grants()}>
      <h2>{ma.usage.grants()}</h2>
      <p className="soft">{grants.length === 0 ? ma.usage.noGrants() : ma.usage.grantsText()}</p>
      <ul>
        {grants.map(({ id, title, subject, bucket, prefix }) => (
          <li key={id}>
            <Holder subject={subject} /> <Name text={title} />{' '}
            <code>
              <Name text={`${bucket}/${prefix}`} />
            </code>
          </li>
        ))}
      </ul>
    </section>
  )
}
