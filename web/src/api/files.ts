/** Locations and what is in them. */
import { experimental_streamedQuery as streamedQuery, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { Archive, Credentials, EntriesPage, Entry } from './types'

export const locationsQuery = queryOptions({
  queryKey: ['locations'],
  queryFn: async ({ signal }) => {
    const { locations } = await take(client.GET('/api/v1/locations', { signal }))
    return locations.sort((a, b) => a.title.localeCompare(b.title))
  },
})

export interface Listing {
  entries: readonly Entry[]
  /** Came since, and join `entries` with the next step. */
  pending: readonly Entry[]
  may: EntriesPage['may'] | undefined
  /** There is such a folder, as far as is known: its marker, or something in it. */
  there?: boolean
  complete: boolean
}

/** A folder that is larger is not fetched anew just because the window has the focus again. */
const REFRESHED_MAX = 5_000

/**
 * A folder, page after page: the listing grows as pages come, and says `complete` only after the last one. It grows in
 * steps of half of what is there, so that rows are ordered a dozen times for 100,000 entries and not a hundred times.
 */
export function listingQuery(location: string, path: string) {
  return queryOptions({
    queryKey: ['entries', location, path],
    // Comparing what came with what was there costs more than drawing the few rows that are seen.
    structuralSharing: false,
    refetchOnWindowFocus: (query) => (query.state.data?.entries.length ?? 0) <= REFRESHED_MAX,
    queryFn: streamedQuery<EntriesPage, Listing>({
      streamFn: ({ signal }) => pages(location, path, signal),
      refetchMode: 'replace',
      initialValue: { entries: [], pending: [], may: undefined, complete: false },
      reducer: grown,
    }),
  })
}

export function grown({ entries, pending: before }: Listing, page: EntriesPage): Listing {
  const pending = [...before, ...page.entries]
  const complete = (page.next ?? null) === null
  const step = complete || pending.length * 2 >= entries.length
  return { entries: step ? [...entries, ...pending] : entries, pending: step ? [] : pending, may: page.may, there: page.there, complete }
}

async function* pages(id: string, path: string, signal: AbortSignal): AsyncGenerator<EntriesPage> {
  let cursor: string | undefined
  do {
    const query = cursor === undefined ? { path } : { path, cursor }
    const page: EntriesPage = await take(
      client.GET('/api/v1/locations/{id}/entries', { params: { path: { id }, query }, signal }),
    )
    yield page
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}

export type ObjectAction = 's3:GetObject' | 's3:PutObject' | 's3:DeleteObject'

export function explainQuery(id: string, path: string, action: ObjectAction) {
  return queryOptions({
    queryKey: ['explain', id, path, action],
    staleTime: 30_000,
    queryFn: ({ signal }) =>
      take(client.GET('/api/v1/locations/{id}/explain', { params: { path: { id }, query: { path, action } }, signal })),
  })
}

export function createFolder(id: string, path: string): Promise<void> {
  return finish(client.POST('/api/v1/locations/{id}/folders', { params: { path: { id } }, body: { path } }))
}

/** A short-lived link to one file, straight to the store. */
export function archiveOf(id: string, paths: readonly string[]): Promise<Archive> {
  return take(client.POST('/api/v1/locations/{id}/archives', { params: { path: { id } }, body: { paths: [...paths] } }))
}

/** Of one of its versions, where one is named. */
export async function downloadUrl(id: string, path: string, version?: string): Promise<string> {
  const body = version === undefined ? { path } : { path, version }
  const call = client.POST('/api/v1/locations/{id}/downloads', { params: { path: { id } }, body })
  return (await take(call)).url
}

export function issueCredentials(location: string): Promise<Credentials> {
  return take(client.POST('/api/v1/credentials', { body: { location } }))
}
