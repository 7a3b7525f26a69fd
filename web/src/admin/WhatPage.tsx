import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { whatQuery } from '../api/reach'
import type { WhatPlace, WhatWay } from '../api/types'
import { ma } from '../i18n/administration'
import { Name } from '../ui/Name'
import { Failure, Loading, Notice } from '../ui/Notice'
import { Page } from '../ui/Page'
import { source, until as untilWhen } from '../ui/reason'
import '../styles/reach.css'
import { Reaches } from './Reaches'

/** What a person can reach, as a tree of places: by which grant, how far, and by which statement. */
export function WhatPage() {
  const { uid } = useParams({ from: '/signed-in/administration/people/$uid/reach' })
  const { data, error, isPending, refetch } = useQuery(whatQuery(uid))
  const back = (
    <Link to="/people/$uid" params={{ uid }} className="link">
      <ArrowLeft size={15} aria-hidden /> {ma.reach.toPerson()}
    </Link>
  )
  return (
    <Page title={ma.reach.whatTitle(data?.name ?? uid)} text={ma.reach.whatText()} actions={back}>
      {isPending ? <Loading /> : null}
      {error ? <Failure title={ma.reach.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {data !== undefined && data.status !== 'active' ? <Notice tone="warn">{ma.people.notActive()}</Notice> : null}
      {data?.places.length === 0 ? <Notice tone="calm">{ma.reach.noPlace()}</Notice> : null}
      {data === undefined || data.places.length === 0 ? null : <Tree places={data.places} />}
      <p className="soft">{ma.reach.assumed()}</p>
    </Page>
  )
}

/** The places come in order, each with how deep it lies. */
function Tree({ places }: { places: readonly WhatPlace[] }) {
  return (
    <ul className="reach-tree" aria-label={ma.reach.places()}>
      {places.map(({ bucket, part, depth, ways }) => (
        <li key={`${bucket} ${part.text} ${String(part.exact)}`} data-depth={depth} style={{ marginInlineStart: `${String(depth * 22)}px` }}>
          <h2>
            <code>
              <Name text={`${bucket}/${part.text}${part.exact ? '' : '*'}`} />
            </code>{' '}
            <Link to="/who" search={{ bucket, key: part.text }} className="link">
              {ma.reach.whoElse()}
            </Link>
          </h2>
          {ways.map((way) => (
            <Way key={way.grant ?? 'anybody'} way={way} />
          ))}
        </li>
      ))}
    </ul>
  )
}

function Way({ way: { title, role, by, until, reaches } }: { way: WhatWay }) {
  return (
    <div className="way">
      <p>
        {title === null || role === null ? (
          ma.reach.anybody()
        ) : (
          <>
            <Name text={title} /> <small className="soft">{role}</small>
          </>
        )}
        {by === null ? null : <small className="soft"> {source(by)}</small>}
        {until === null ? null : <small className="soft"> {untilWhen(until)}</small>}
      </p>
      <Reaches reaches={reaches} />
    </div>
  )
}
