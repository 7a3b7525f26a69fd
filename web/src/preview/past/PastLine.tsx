import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Download, Eye, File, Folder, History } from 'lucide-react'
import { downloadUrl } from '../../api/files'
import type { PastEntry, PastPage } from '../../api/types'
import { bytes, dateTime } from '../../i18n/format'
import { m } from '../../i18n/messages'
import { Button } from '../../ui/Button'
import { Tick } from '../../ui/Choice'
import { Name } from '../../ui/Name'
import { describe } from '../../ui/problems'
import { toast } from '../../ui/toasts'
import { refusalOf } from '../../ui/Why'
import { addressOf, isReachable, keyOf } from './entries'
import { canLook } from './looking'

type File = Extract<PastEntry, { kind: 'file' }>

interface Props {
  id: string
  folder: string
  at: string
  entry: PastEntry
  read: PastPage['may']['read'] | undefined
  chosen: boolean
  onToggle: (key: string, on: boolean) => void
  onLook: (file: File) => void
}

/** One thing that was there, or that was added since. */
export function PastLine({ id, folder, at, entry, read, chosen, onToggle, onLook }: Props) {
  const key = keyOf(entry)
  const Icon = entry.kind === 'folder' ? Folder : File
  const opens = entry.kind === 'folder' && isReachable(entry.name)
  return (
    <li data-since={entry.since ?? 'there'}>
      <Tick value={chosen} onChange={(on) => onToggle(key, on)}>
        <span className="hidden-text">{m.trash.select(key)}</span>
      </Tick>
      <span className="past-name">
        <Icon size={18} strokeWidth={1.6} aria-hidden />
        {opens ? (
          <Link to="/past/$location/$" params={{ location: id, _splat: addressOf(folder + key) }} search={{ at }} className="link">
            <Name text={entry.name} />
          </Link>
        ) : (
          <Name text={entry.name} />
        )}
        <Mark since={entry.since} />
      </span>
      {entry.kind === 'folder' ? null : (
        <>
          <small className="soft">
            {bytes(entry.size)} · {dateTime(entry.modified)}
          </small>
          <FileActions {...{ id, folder, read, onLook }} file={entry} />
        </>
      )}
    </li>
  )
}

/** What has become of it; of what is as it was nothing is said. */
function Mark({ since }: { since: PastEntry['since'] }) {
  switch (since) {
    case null:
    case 'same':
      return null
    case 'changed':
      return <span className="pill pill-warn">{m.past.changed()}</span>
    case 'deleted':
      return <span className="pill pill-bad">{m.past.deleted()}</span>
    case 'added':
      return <span className="pill">{m.past.added()}</span>
  }
}

type ActionProps = Pick<Props, 'id' | 'folder' | 'read' | 'onLook'> & { file: File }

function FileActions({ id, folder, read, file, onLook }: ActionProps) {
  const path = folder + file.name
  const save = useMutation({
    mutationFn: (version: string) => downloadUrl(id, path, version),
    onSuccess: (url) => location.assign(url),
    onError: (error) => toast(describe(error)),
  })
  const { version, name } = file
  if (version === null) return null
  const reason = read === undefined || read.allowed ? undefined : refusalOf(read.explanation)
  return (
    <span className="line-actions">
      {canLook(file) ? (
        <Button look="quiet" label={m.past.look(name)} reason={reason} onPress={() => onLook(file)}>
          <Eye size={16} aria-hidden />
        </Button>
      ) : null}
      <Button look="quiet" label={m.past.save(name)} reason={reason} pending={save.isPending} onPress={() => save.mutate(version)}>
        <Download size={16} aria-hidden />
      </Button>
      <Link to="/versions/$location/$" params={{ location: id, _splat: path }} className="btn btn-quiet btn-icon" aria-label={m.past.versions(name)}>
        <History size={16} aria-hidden />
      </Link>
    </span>
  )
}
