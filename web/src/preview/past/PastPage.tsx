import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderClock } from 'lucide-react'
import { locationsQuery } from '../../api/files'
import { pastQuery, type PastListing } from '../../api/past'
import { toTheSecond } from '../../i18n/format'
import { m } from '../../i18n/messages'
import { Name } from '../../ui/Name'
import { Blank, Failure, Loading, Notice } from '../../ui/Notice'
import { Page } from '../../ui/Page'
import { addressOf, wayTo } from './entries'
import { Moment } from './Moment'
import { PastFolder } from './PastFolder'
import '../../styles/preview.css'

interface Props {
  id: string
  folder: string
  /** As the address has it. */
  at: string | undefined
}

/** A folder as it was: a moment is asked for, then what was there is shown, to be looked at and to be brought back. */
export function PastPage({ id, folder, at }: Props) {
  const { data: locations } = useQuery(locationsQuery)
  const title = locations?.find((one) => one.id === id)?.title ?? ''
  const name = wayTo(folder).at(-1)?.name
  return (
    <Page title={m.past.title(name === undefined || name === '' ? title : name)} text={m.past.text()}>
      <Link to="/files/$location/$" params={{ location: id, _splat: addressOf(folder) }} className="link">
        {m.past.back()}
      </Link>
      <Moment key={at} id={id} folder={folder} at={at} />
      {at === undefined ? null : (
        <>
          <Way {...{ id, folder, at, title }} />
          <Shown {...{ id, folder, at }} />
        </>
      )}
    </Page>
  )
}

function Way({ id, folder, at, title }: { id: string; folder: string; at: string; title: string }) {
  return (
    <nav className="past-way" aria-label={m.past.way()}>
      {wayTo(folder).map((one) => (
        <span key={one.folder}>
          {one.folder === '' ? null : <span aria-hidden> / </span>}
          {one.folder === folder ? (
            <b aria-current="page">
              <Name text={one.folder === '' ? title : one.name} />
            </b>
          ) : (
            <Link to="/past/$location/$" params={{ location: id, _splat: addressOf(one.folder) }} search={{ at }} className="link">
              <Name text={one.folder === '' ? title : one.name} />
            </Link>
          )}
        </span>
      ))}
    </nav>
  )
}

function Shown({ id, folder, at }: { id: string; folder: string; at: string }) {
  const { data: past, error, isPending, refetch } = useQuery(pastQuery(id, folder, at))
  const entries = past?.entries ?? []
  return (
    <>
      <Notice tone="calm">
        <b>{m.past.banner(toTheSecond(at))}</b> {m.past.readOnly()}
      </Notice>
      {past === undefined ? null : <Untold past={past} />}
      {isPending ? <Loading /> : null}
      {error ? <Failure title={m.past.failed()} error={error} onRetry={() => void refetch()} /> : null}
      {past?.complete === true && entries.length === 0 ? <Nothing past={past} /> : null}
      {past?.complete === false && !error ? (
        <p className="soft" role="status">
          {m.past.looking(entries.length)}
        </p>
      ) : null}
      {past === undefined || entries.length === 0 ? null : <PastFolder key={`${folder} ${at}`} {...{ id, folder, at, past }} />}
    </>
  )
}

/** What the versions cannot tell is never shown as an empty folder. */
function Untold({ past: { tells, wholeSince } }: { past: PastListing }) {
  switch (tells) {
    case 'all':
      return null
    case 'expired':
      return <Notice tone="warn">{m.past.expired(wholeSince === null ? '–' : toTheSecond(wholeSince))}</Notice>
    case 'unversioned':
      return <Notice tone="warn">{m.past.unversioned()}</Notice>
    case 'unknown':
      return <Notice tone="calm">{m.past.unknown()}</Notice>
  }
}

function Nothing({ past: { there, tells } }: { past: PastListing }) {
  const title = there ? m.past.empty() : tells === 'all' ? m.past.notThere() : m.past.nothingKnown()
  return <Blank icon={<FolderClock size={30} strokeWidth={1.6} aria-hidden />} title={title} />
}
