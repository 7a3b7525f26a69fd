/** All that the engine knows of one upload. */
import type { UploadItem } from './items'
import type { Job } from './run'

/** Small files spend their time in questions and answers, so more of them are under way at once than of large ones. */
const LARGE_BYTES = 8 << 20
const LARGE_WORK = 20

/** `shown` is replaced and never changed, so that rows can tell. */
export interface Entry {
  shown: UploadItem
  batch: number
  job: Job | undefined
  id: string | undefined
  handle: FileSystemFileHandle | undefined
  control: AbortController
  /** The path that was asked for; `shown.path` may be a variant of it, whose number `variant` is. */
  path: string
  variant: number
  /** What was to be replaced changed after the person had decided. */
  changed: boolean
  /** How often it was read again because it had changed. */
  readings: number
  /** How often it was begun again because the server had given it up. */
  beginnings: number
  /** Settles when the last run has let go of everything, so that a resumed one does not meet it. */
  over: Promise<void>
}

/** A file that is there now. */
export interface Arrived {
  location: string
  path: string
  size: number
  /** Unknown where the store keeps it from the page. */
  etag: string | undefined
}

export type What = Pick<UploadItem, 'location' | 'path' | 'size' | 'lastModified'>

export function newEntry(what: What, batch: number, id: string | undefined, handle: FileSystemFileHandle | undefined): Entry {
  const shown: UploadItem = { ...what, key: crypto.randomUUID(), state: { kind: 'queued' }, sent: 0, speed: 0 }
  const control = new AbortController()
  return { shown, batch, job: undefined, id, handle, control, path: what.path, variant: 0, changed: false, readings: 0, beginnings: 0, over: Promise.resolve() }
}

export function jobFor({ shown, id }: Entry, file: File, free = false): Job {
  return { location: shown.location, path: shown.path, file, replace: false, ifMatch: undefined, free, id, hashed: new Map(), taken: new Map() }
}

/** How much of what may be under way at once it takes. */
export function workOf({ shown }: Entry): number {
  return shown.size > LARGE_BYTES ? LARGE_WORK : 1
}

/**
 * Finds what waits for a file, by size and path: ten thousand files are looked up in one drop. Where the server calls files
 * otherwise than they were called (`renames`), also the one that has its size, its date and its kind.
 */
export function interruptedIn(entries: Iterable<Entry>, location: string, renames: boolean): (file: File, path: string) => Entry | undefined {
  const waiting = new Set([...entries].filter(({ shown }) => shown.state.kind === 'needs-file' && shown.location === location))
  const byPath = new Map([...waiting].map((entry) => [`${entry.shown.size} ${entry.shown.path}`, entry]))
  return (file, path) => {
    const found = byPath.get(`${file.size} ${path}`) ?? (renames ? onlyOneAlike(waiting, file, path) : undefined)
    if (found !== undefined) waiting.delete(found)
    return found
  }
}

function onlyOneAlike(waiting: Iterable<Entry>, file: File, path: string): Entry | undefined {
  const alike = [...waiting].filter(
    ({ shown }) => shown.size === file.size && shown.lastModified === file.lastModified && kindOf(shown.path) === kindOf(path),
  )
  return alike.length === 1 ? alike[0] : undefined
}

function kindOf(path: string): string {
  return /\.[^./]*$/.exec(path)?.[0].toLowerCase() ?? ''
}
