import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderOpen, KeyRound } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { locationsQuery } from '../api/files'
import { isProblem } from '../api/problem'
import { sessionQuery } from '../api/session'
import type { Location, Session } from '../api/types'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { Name } from '../ui/Name'
import { Blank, Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { source, until } from '../ui/reason'
import { OwnRequests } from './OwnRequests'
import { OwnTools } from './OwnTools'
import { Places } from './Places'

// Only administrators have first steps.
const FirstSteps = lazy(() => import('./FirstSteps').then(({ FirstSteps: it }) => ({ default: it })))

export function LocationsPage() {
  const { data: session } = useQuery(sessionQuery)
  const { data, error, isPending, refetch } = useQuery(locationsQuery)
  // What is missing stands above.
  const closed = lacksFactor(session) && isProblem(error, 'second-factor-required')
  const [tools, setTools] = useState<Location>()
  return (
    <Page title={m.files.locations()} text={m.files.locationsText()}>
      <FactorMissing />
      {session?.person.administrator === true ? (
        <Suspense>
          <FirstSteps session={session} />
        </Suspense>
      ) : null}
      {isPending ? <Loading /> : null}
      {error && !closed ? <Failure title={m.files.locationsFailed()} error={error} onRetry={() => void refetch()} /> : null}
      {data?.length === 0 ? (
        <Blank icon={<FolderOpen size={30} strokeWidth={1.6} aria-hidden />} title={m.files.noLocations()}>
          <p>{m.files.noLocationsText()}</p>
        </Blank>
      ) : null}
      {data !== undefined && data.length > 0 ? (
        <ul className="locations">
          {data.map((location) => (
            <LocationRow key={location.id} location={location} onTools={() => setTools(location)} />
          ))}
        </ul>
      ) : null}
      <OwnRequests />
      {data === undefined ? null : <Places locations={data} />}
      {tools === undefined ? null : <OwnTools location={tools} onClose={() => setTools(undefined)} />}
    </Page>
  )
}

function lacksFactor(session: Session | null | undefined): boolean {
  return session?.second_factor.required === true && !session.second_factor.set
}

/** Of whoever has not set up what they need here: administrators to administer, or everybody to do anything. */
function FactorMissing() {
  const { data: session } = useQuery(sessionQuery)
  if (!lacksFactor(session)) return null
  return (
    <Notice tone="warn">
      {session?.person.administrator === true ? m.factor.required() : m.factor.requiredOfAll()}{' '}
      <Link to="/account" className="link">
        {m.factor.setUp()}
      </Link>
    </Notice>
  )
}

function LocationRow({ location, onTools }: { location: Location; onTools: () => void }) {
  const { id, title, bucket, prefix, role, by, may } = location
  const abilities = [
    { label: m.files.mayList(), allowed: may.list.allowed },
    { label: m.files.mayGet(), allowed: may.get.allowed },
    { label: m.files.mayPut(), allowed: may.put.allowed },
    { label: m.files.mayDelete(), allowed: may.delete.allowed },
  ].filter((ability) => ability.allowed)
  return (
    <li className="location">
      <FolderOpen size={22} strokeWidth={1.6} className="ic-folder" aria-hidden />
      <div className="location-text">
        <Link to="/files/$location/$" params={{ location: id, _splat: '' }} aria-label={m.files.openLocation(title)}>
          <Name text={title} />
        </Link>
        <code>
          <Name text={`${bucket}/${prefix}`} />
        </code>
        <small className="soft">{[source(by), until(location.until)].filter(Boolean).join(' · ')}</small>
      </div>
      <div className="location-role">
        <span>{role}</span>
        <small>{abilities.map((ability) => ability.label).join(' · ')}</small>
      </div>
      <Button look="quiet" label={m.tools.title(title)} onPress={onTools}>
        <KeyRound size={17} aria-hidden />
      </Button>
    </li>
  )
}
