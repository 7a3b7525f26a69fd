import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download, GitCompareArrows, RotateCcw } from 'lucide-react'
import { downloadUrl } from '../api/files'
import type { FileVersion, FileVersions } from '../api/types'
import { restoreVersion } from '../api/versions'
import { bytes, dateTime } from '../i18n/format'
import { m } from '../i18n/messages'
import { Button } from '../ui/Button'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { refusalOf } from '../ui/Why'
import { kindOf } from './kinds'
import { TEXT_BYTES_MAX } from './text'

interface Props {
  id: string
  path: string
  version: FileVersion
  current: FileVersion | undefined
  may: FileVersions['may']
  onCompare: (version: FileVersion) => void
}

/** One version, and what can be done with it; of a deletion only that it was. */
export function VersionLine({ id, path, version, current, may, onCompare }: Props) {
  const when = dateTime(version.modified)
  return (
    <li data-current={version.current}>
      <span>
        {version.deleted ? m.versions.deleted(when) : when}{' '}
        {version.current ? <span className="pill pill-ok">{m.versions.current()}</span> : null}
      </span>
      {version.deleted ? null : <small className="soft">{bytes(version.size)}</small>}
      {version.deleted ? null : <Actions {...{ id, path, version, current, may, onCompare, when }} />}
    </li>
  )
}

function Actions({ id, path, version, current, may, onCompare, when }: Props & { when: string }) {
  const queries = useQueryClient()
  const restore = useMutation({
    mutationFn: () => restoreVersion(id, path, version.version, current?.etag ?? null),
    onSuccess: () => toast(m.versions.restored(when)),
    onError: (error) => toast(describe(error)),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['versions', id, path] })
      void queries.invalidateQueries({ queryKey: ['entries', id] })
      void queries.invalidateQueries({ queryKey: ['properties', id, path] })
    },
  })
  const save = useMutation({
    mutationFn: () => downloadUrl(id, path, version.version),
    onSuccess: (url) => location.assign(url),
    onError: (error) => toast(describe(error)),
  })
  const reads = may.read.allowed ? undefined : refusalOf(may.read.explanation)
  const restores = may.restore.allowed ? undefined : refusalOf(may.restore.explanation)
  const comparable = current !== undefined && isText(path, version) && isText(path, current)
  return (
    <div className="line-actions">
      <Button onPress={() => save.mutate()} reason={reads} label={m.versions.saveOf(when)}>
        <Download size={15} aria-hidden />
        {m.versions.save()}
      </Button>
      {version.current ? null : (
        <>
          {comparable ? (
            <Button onPress={() => onCompare(version)} reason={reads} label={m.versions.compareOf(when)}>
              <GitCompareArrows size={15} aria-hidden />
              {m.versions.compare()}
            </Button>
          ) : null}
          <Button onPress={() => restore.mutate()} pending={restore.isPending} reason={restores} label={m.versions.restoreOf(when)}>
            <RotateCcw size={15} aria-hidden />
            {m.versions.restore()}
          </Button>
        </>
      )}
    </div>
  )
}

/** What is compared is read whole. */
function isText(path: string, { size }: FileVersion): boolean {
  return size <= TEXT_BYTES_MAX && ['text', 'markdown', 'table'].includes(kindOf(path.slice(path.lastIndexOf('/') + 1)))
}
