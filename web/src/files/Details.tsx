import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Eye, Star, X } from 'lucide-react'
import { explainQuery, type ObjectAction } from '../api/files'
import { propertiesQuery } from '../api/properties'
import type { Entry, Location, Permission } from '../api/types'
import { bytes, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { visibleName } from '../i18n/visible'
import { AskAccess } from '../ui/AskAccess'
import { Button } from '../ui/Button'
import type { Command } from '../ui/commands'
import { describe, heldBackBy } from '../ui/problems'
import { useSettled } from '../ui/useSettled'
import { Why } from '../ui/Why'
import { keyOf } from './entries'
import { Fact } from './Fact'
import { markLabel, useMarks } from './places'
import { Properties } from './Properties'
import { isPictured, Thumb } from './thumbs/Thumb'
import { WhoLink } from './WhoLink'

interface Props {
  location: Location
  folder: string
  entries: readonly Entry[]
  onPreview: (entry: Entry) => void
  actions: readonly Command[]
  onClose: () => void
}

/** More about what is selected, and why the person may or may not do something with it. */
export function Details({ location, folder, entries, onPreview, actions, onClose }: Props) {
  const [entry] = entries
  return (
    <aside className="details" aria-label={m.files.details()}>
      <div className="details-head">
        {entry !== undefined && entries.length === 1 ? <Thumb location={location.id} path={folder + keyOf(entry)} entry={entry} size={isPictured(entry) ? 96 : 22} /> : null}
        <h2>{heading(entries, location)}</h2>
        {entry !== undefined && entries.length === 1 ? <Mark location={location.id} path={folder + keyOf(entry)} /> : null}
        <Button look="quiet" label={m.common.close()} onPress={onClose}>
          <X size={16} aria-hidden />
        </Button>
      </div>
      <div className="details-do">
        {entry?.kind === 'file' && entries.length === 1 ? (
          <Button onPress={() => onPreview(entry)}>
            <Eye size={16} aria-hidden />
            {m.preview.open()}
          </Button>
        ) : null}
        {actions.map(({ id, label, icon, reason, onAction }) => (
          <Button key={id} onPress={onAction} reason={reason}>
            {icon}
            {label}
          </Button>
        ))}
      </div>
      {entry !== undefined && entries.length === 1 ? (
        <One key={keyOf(entry)} location={location} path={folder + keyOf(entry)} entry={entry} />
      ) : (
        <p className="soft">{entries.length === 0 ? m.files.selectOne() : bytes(total(entries))}</p>
      )}
      {entries.length === 0 ? <LocationFacts location={location} folder={folder} /> : null}
    </aside>
  )
}

function Mark(place: { location: string; path: string }) {
  const { isMarked, toggle } = useMarks()
  const marked = isMarked(place)
  return (
    <Button look="quiet" label={markLabel(marked)} pressed={marked} onPress={() => toggle(place)}>
      <Star size={16} fill={marked ? 'currentColor' : 'none'} aria-hidden />
    </Button>
  )
}

function heading(entries: readonly Entry[], location: Location): string {
  const [entry] = entries
  if (entry === undefined) return location.title
  return entries.length === 1 ? visibleName(entry.name) : m.files.manySelected(entries.length)
}

function total(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0)
}

function One({ location, path, entry }: { location: Location; path: string; entry: Entry }) {
  return (
    <>
      <dl className="facts">
        <Fact term={m.files.kind()} value={entry.kind === 'folder' ? m.files.folder() : m.files.file()} />
        {entry.kind === 'file' ? (
          <>
            <Fact term={m.files.size()} value={bytes(entry.size)} />
            <Fact term={m.files.modified()} value={dateTime(entry.modified)} />
            <Fact term={m.files.version()} value={entry.etag} mono />
          </>
        ) : null}
        <Fact term={m.files.path()} value={`${location.bucket}/${location.prefix}${path}`} mono />
      </dl>
      <WhoLink bucket={location.bucket} of={location.prefix + path} />
      {entry.kind === 'file' ? (
        <Link to="/versions/$location/$" params={{ location: location.id, _splat: path }} className="link">
          {m.versions.link()}
        </Link>
      ) : null}
      {entry.kind === 'file' ? (
        <Link to="/activity/$location/$" params={{ location: location.id, _splat: path }} search={{ file: true }} className="link">
          {m.app.activity()}
        </Link>
      ) : null}
      {entry.kind === 'file' ? <Properties location={location.id} path={path} file={entry} /> : null}
      <h3>{m.files.whatYouMay()}</h3>
      {entry.kind === 'file' ? <Reading location={location.id} path={path} etag={entry.etag} /> : <Reason location={location.id} path={path} action="s3:GetObject" label={m.files.mayGet()} />}
      <Reason location={location.id} path={path} action="s3:PutObject" label={m.files.mayPut()} />
      <Reason location={location.id} path={path} action="s3:DeleteObject" label={m.files.mayDelete()} />
    </>
  )
}

/** What the roles say of reading holds for a file unless it is held back: what the store keeps of it tells that. */
function Reading({ location, path, etag }: { location: string; path: string; etag: string }) {
  const { error } = useQuery({ ...propertiesQuery(location, path, etag), enabled: false })
  const explanation = heldBackBy(error)
  if (explanation === undefined) return <Reason location={location} path={path} action="s3:GetObject" label={m.files.mayGet()} />
  return (
    <div className="reason">
      <h4>{m.files.mayGet()}</h4>
      <Why allowed={false} explanation={explanation} />
    </div>
  )
}

/** Asked only when the selection has rested for a moment, so that arrowing through a folder stays quiet. */
function Reason(props: { location: string; path: string; action: ObjectAction; label: string }) {
  const rested = useSettled(props.path)
  const { data, error } = useQuery({ ...explainQuery(props.location, props.path, props.action), enabled: rested })
  return (
    <div className="reason">
      <h4>{props.label}</h4>
      {data === undefined ? <p className="why soft">{error ? describe(error) : '…'}</p> : <Why {...data} />}
      {data === undefined || data.allowed ? null : <AskAccess location={props.location} path={props.path} place={props.path} action={props.action} />}
    </div>
  )
}

function LocationFacts({ location, folder }: { location: Location; folder: string }) {
  const { may } = location
  const lines: readonly (readonly [string, Permission, string])[] = [
    [m.files.mayList(), may.list, 's3:ListBucket'],
    [m.files.mayGet(), may.get, 's3:GetObject'],
    [m.files.mayPut(), may.put, 's3:PutObject'],
    [m.files.mayDelete(), may.delete, 's3:DeleteObject'],
  ]
  return (
    <>
      <dl className="facts">
        <Fact term={m.files.role()} value={location.role} />
        <Fact term={m.files.path()} value={`${location.bucket}/${location.prefix}`} mono />
      </dl>
      <WhoLink bucket={location.bucket} of={location.prefix + folder} />
      <h3>{m.files.whatYouMay()}</h3>
      {lines.map(([label, permission, action]) => (
        <div key={label} className="reason">
          <h4>{label}</h4>
          <Why {...permission} />
          {permission.allowed ? null : <AskAccess location={location.id} path="" place={location.title} action={action} />}
        </div>
      ))}
    </>
  )
}
