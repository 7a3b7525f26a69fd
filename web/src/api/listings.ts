/**
 * What this page itself did to folders, told to the listings that it holds: nothing is listed anew for it. What others do
 * shows with the next listing, as before.
 */
import type { QueryClient } from '@tanstack/react-query'
import type { Listing } from './files'
import type { Entry } from './types'

/** A file that the store has taken; its entity tag, where the page was told it. */
export interface Arrival {
  path: string
  size: number
  etag: string | undefined
  /** When the page learned of it, in milliseconds. */
  at: number
}

/** Of each location: when something arrived there last, and when a deletion there was told last. */
const arrivedLast = new Map<string, number>()
const removedLast = new Map<string, number>()

/** As the listing of a location's folder is kept. */
type Key = readonly ['entries', string, string]

/**
 * The listings with the files that have arrived. Those under way, and those that cannot be told of an arrival all that they
 * show, are for the caller: the second are listed anew, the arrivals that meet the first come back, for another time.
 */
export function noteArrivals(queries: QueryClient, location: string, arrivals: readonly Arrival[]): Arrival[] {
  const later = new Set<Arrival>()
  const removed = removedLast.get(location) ?? -Infinity
  arrivedLast.set(location, arrivals.reduce((last, { at }) => Math.max(last, at), arrivedLast.get(location) ?? -Infinity))
  for (const { key, busy } of held(queries, location)) {
    const below = arrivals.filter(({ path }) => path.startsWith(key[2]))
    if (below.length === 0) continue
    const listing = queries.getQueryData<Listing>(key)
    if (busy) for (const arrival of below) later.add(arrival)
    else if (listing?.complete === true && below.every((arrival) => isTold(arrival) && arrival.at > removed)) queries.setQueryData<Listing>(key, withFiles(listing, key[2], below))
    else void queries.invalidateQueries({ queryKey: key, exact: true })
  }
  return [...later]
}

/**
 * The listings without what was deleted; folders among it end in `/`. What arrived while the deletion was under way, from
 * `since` on, may have gone or not: then the folders are listed anew.
 */
export function noteRemoved(queries: QueryClient, location: string, paths: readonly string[], since: number, now = Date.now()): void {
  removedLast.set(location, now)
  const unsure = (arrivedLast.get(location) ?? -Infinity) >= since
  for (const { key, busy } of held(queries, location)) {
    const [, , folder] = key
    const listing = queries.getQueryData<Listing>(key)
    const gone = paths.filter((path) => path.startsWith(folder)).map((path) => path.slice(folder.length))
    const within = paths.some((path) => path.endsWith('/') && folder.startsWith(path))
    if (within) queries.removeQueries({ queryKey: key, exact: true, type: 'inactive' })
    // What has lost all that was deep in it may be no folder any more.
    if (busy || unsure || within || listing === undefined || gone.some(isDeep)) void queries.invalidateQueries({ queryKey: key, exact: true })
    else if (gone.length > 0) queries.setQueryData<Listing>(key, without(listing, new Set(gone)))
  }
}

function isDeep(path: string): boolean {
  return path.slice(0, -1).includes('/')
}

function held(queries: QueryClient, location: string): { key: Key; busy: boolean }[] {
  return queries
    .getQueryCache()
    .findAll({ queryKey: ['entries', location] })
    .map(({ queryKey, state }) => ({ key: ['entries', location, String(queryKey[2])] as const, busy: state.fetchStatus !== 'idle' }))
}

/** Whoever leaves takes it along. */
export function forgetChanges(): void {
  arrivedLast.clear()
  removedLast.clear()
}

/** What lies deeper shows as a folder, of which nothing else has to be known. */
function isTold({ etag }: Arrival): boolean {
  return etag !== undefined
}

/** A file's time is that of this browser until the folder is listed again. */
function withFiles(listing: Listing, folder: string, arrivals: readonly Arrival[]): Listing {
  const fresh = new Map<string, Entry>()
  for (const { path, size, etag = '', at } of arrivals) {
    const [name = '', ...deeper] = path.slice(folder.length).split('/')
    const entry: Entry = deeper.length > 0 ? { kind: 'folder', name } : { kind: 'file', name, size, modified: new Date(at).toISOString(), etag, scan: null }
    fresh.set(keyOf(entry), entry)
  }
  const kept = listing.entries.filter((entry) => entry.kind === 'folder' || !fresh.has(keyOf(entry)))
  for (const entry of kept) if (entry.kind === 'folder') fresh.delete(keyOf(entry))
  return { ...listing, there: true, entries: [...kept, ...fresh.values()] }
}

function without(listing: Listing, gone: ReadonlySet<string>): Listing {
  const left = (entries: readonly Entry[]): Entry[] => entries.filter((entry) => !gone.has(keyOf(entry)))
  return { ...listing, entries: left(listing.entries), pending: left(listing.pending) }
}

/** A file `a` and a folder `a` may both be there. */
function keyOf({ kind, name }: Entry): string {
  return kind === 'folder' ? `${name}/` : name
}
