/** What a person marked and where they were lately, as the server keeps it: a location and a path, and nothing else. */
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { client, finish, take } from './client'
import { sessionQuery } from './session'
import type { Places } from './types'

/** A file, a folder (ends in `/`), or the location itself (empty). */
export interface Place {
  location: string
  path: string
}

export const placesQuery = queryOptions({
  queryKey: ['places'],
  staleTime: 60_000,
  queryFn: ({ signal }) => take(client.GET('/api/v1/places', { signal })),
})

export function isSame(a: Place, b: Place): boolean {
  return a.location === b.location && a.path === b.path
}

/** Marks a place, or takes the mark away; shown at once, and taken back where the server does not do it. */
export async function setMarked(queries: QueryClient, { location, path }: Place, marked: boolean): Promise<void> {
  const place = { location, path }
  change(queries, (known) => {
    const others = known.favourites.filter((other) => !isSame(other, place))
    return { ...known, favourites: marked ? [{ ...place, at: new Date().toISOString() }, ...others] : others }
  })
  try {
    if (marked) await finish(client.POST('/api/v1/places/favourites', { body: place }))
    else await finish(client.DELETE('/api/v1/places/favourites', { params: { query: place } }))
  } catch (error) {
    await queries.invalidateQueries({ queryKey: placesQuery.queryKey })
    throw error
  }
}

/** Visits are told together: nobody is asked for each step through the folders. */
const GATHERED_MS = 1_000
/** As many as the server keeps. */
const RECENT_MAX = 50

let gathered: Place[] = []
let timer: ReturnType<typeof setTimeout> | undefined

/** The location itself is in the list of locations anyway. */
export function noteVisit(queries: QueryClient, { location, path }: Place): void {
  // Whoever sees as somebody else was nowhere themselves.
  if (queries.getQueryData(sessionQuery.queryKey)?.viewing) return
  const known = queries.getQueryData(placesQuery.queryKey)
  const place = { location, path }
  const [last] = known?.recent ?? []
  if (path === '' || known?.keeps_recent === false || (gathered.length === 0 && last !== undefined && isSame(last, place))) return
  gathered = [...gathered.filter((other) => !isSame(other, place)), place].slice(-RECENT_MAX)
  change(queries, (places) => {
    const others = places.recent.filter((other) => !isSame(other, place))
    return { ...places, recent: [{ ...place, at: new Date().toISOString() }, ...others].slice(0, RECENT_MAX) }
  })
  timer ??= setTimeout(tell, GATHERED_MS)
  globalThis.addEventListener('pagehide', tell)
}

/** Whoever sits here next was not there. */
export function forgetVisits(): void {
  gathered = []
}

function tell(): void {
  timer = undefined
  const visits = gathered
  gathered = []
  // Goes on when the page goes. One that is not told is no loss that anybody would be asked about.
  if (visits.length > 0) finish(client.POST('/api/v1/places/recent', { body: { visits }, keepalive: true })).catch(() => undefined)
}

export async function forgetRecent(queries: QueryClient): Promise<void> {
  gathered = []
  await finish(client.DELETE('/api/v1/places/recent'))
  await queries.invalidateQueries({ queryKey: placesQuery.queryKey })
}

export async function forgetOne(queries: QueryClient, { location, path }: Place): Promise<void> {
  await finish(client.DELETE('/api/v1/places/recent/one', { params: { query: { location, path } } }))
  change(queries, (known) => ({ ...known, recent: known.recent.filter((other) => !isSame(other, { location, path })) }))
}

export async function keepRecent(queries: QueryClient, keep: boolean): Promise<void> {
  gathered = []
  await finish(client.PUT('/api/v1/places/recent', { body: { keep } }))
  await queries.invalidateQueries({ queryKey: placesQuery.queryKey })
}

function change(queries: QueryClient, step: (known: Places) => Places): void {
  queries.setQueryData(placesQuery.queryKey, (known) => (known === undefined ? known : step(known)))
}
