import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState, useSyncExternalStore } from 'react'
import { beginJob, fateOf, JOB_PATHS_MAX, jobsQuery } from '../api/jobs'
import type { Entry, NewJob } from '../api/types'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { heldClip, hold, onClip, type Clip } from './clipboard'
import { keyOf } from './entries'
import type { RowMoves } from './GridRow'
import { refusal, type May } from './permissions'

interface Here {
  location: string
  folder: string
  may: May
  selected: readonly Entry[]
  taken: (name: string) => boolean
}

/** Files that another program put on the clipboard would be pasted in the place of what was cut or copied here. */
function forgetOthers(keys: readonly string[]): void {
  // Where the page may not write there, the paste command still brings what is held here.
  navigator.clipboard?.writeText(keys.join('\n')).catch(() => undefined)
}

/** Begins jobs; the tray shows how they go. */
export function useBegin(): (form: NewJob) => void {
  const queries = useQueryClient()
  return (form) => {
    const { paths = [] } = form
    const parts = Array.from({ length: Math.max(1, Math.ceil(paths.length / JOB_PATHS_MAX)) }, (_, n) =>
      paths.slice(n * JOB_PATHS_MAX, (n + 1) * JOB_PATHS_MAX),
    )
    for (const part of parts) {
      beginJob({ ...form, paths: part }).then(
        (job) => queries.setQueryData(jobsQuery.queryKey, (jobs = []) => [job, ...jobs.filter((one) => one.id !== job.id)]),
        (error: unknown) => toast(describe(error)),
      )
    }
  }
}

/** Brings what lies in one folder to another. */
export function bringing(clip: Clip, location: string, folder: string): NewJob | undefined {
  const { kind, keys } = clip
  const same = clip.location === location && clip.folder === folder
  if (same && kind === 'move') return undefined
  const paths = keys.map((key) => clip.folder + key)
  return { kind, location: clip.location, paths, to: { location, folder }, conflict: same ? 'keep-both' : 'fail' }
}

/** Renaming, cutting, copying, pasting, dragging and deleting in a folder. */
export function useMoves({ location, folder, may, selected, taken }: Here) {
  const queries = useQueryClient()
  const begin = useBegin()
  const clip = useSyncExternalStore(onClip, heldClip)
  const [renaming, setRenaming] = useState<string>()
  const dragged = useRef<readonly string[]>([])
  const keys = selected.map(keyOf)

  const take = (kind: Clip['kind']): void => {
    const reason = refusal(may.get) ?? (kind === 'move' ? refusal(may.delete) : undefined)
    if (keys.length === 0 || reason !== undefined) return toast(reason ?? m.files.selectFirst())
    hold({ kind, location, folder, keys })
    forgetOthers(keys)
    toast(kind === 'move' ? m.moving.wasCut(keys.length) : m.moving.wasCopied(keys.length))
  }
  const bring = (what: Clip, toLocation: string, toFolder: string): void => {
    const form = bringing(what, toLocation, toFolder)
    if (form !== undefined) begin(form)
  }
  const paste = (): void => {
    const reason = refusal(may.put)
    if (clip === undefined || reason !== undefined) return toast(reason ?? m.moving.nothingToPaste())
    bring(clip, location, folder)
    if (clip.kind === 'move') hold(undefined)
  }
  const dropInto = (target: string, copies: boolean): void => {
    const reason = refusal(may.put) ?? (copies ? undefined : refusal(may.delete))
    const moved = dragged.current.filter((key) => folder + key !== target)
    if (reason !== undefined) return toast(reason)
    if (moved.length > 0) bring({ kind: copies ? 'copy' : 'move', location, folder, keys: moved }, location, target)
  }
  const onRename = (entry: Entry, name: string | undefined): void => {
    setRenaming(undefined)
    document.querySelector<HTMLElement>('[role=grid]')?.focus({ preventScroll: true })
    if (name === undefined) return
    if (taken(name)) return toast(m.moving.nameTaken(name))
    begin({ kind: 'move', location, paths: [folder + keyOf(entry)], to: { location, folder, name } })
  }
  const trash = (): void => begin({ kind: 'delete', location, paths: keys.map((key) => folder + key) })
  const rows: RowMoves = {
    renaming,
    onRename,
    onDrag: (key) => {
      dragged.current = keys.includes(key) ? keys : [key]
    },
    onDrop: (key, copies) => dropInto(folder + key, copies),
  }
  return {
    rows,
    clip,
    cut: () => take('move'),
    copy: () => take('copy'),
    paste,
    dropInto,
    rename: () => {
      const [only] = keys
      if (only !== undefined && keys.length === 1) setRenaming(only)
    },
    trash,
    /** At once where it can be undone; else `ask` is to ask first. */
    remove: (ask: () => void) => void fateOf(queries, location, folder).then(({ back }) => (back ? trash() : ask())),
    bring: (kind: Clip['kind'], toLocation: string, toFolder: string) => bring({ kind, location, folder, keys }, toLocation, toFolder),
  }
}
