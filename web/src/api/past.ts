/** A folder as it was at a moment. */
import { experimental_streamedQuery as streamedQuery, queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { PastEntry, PastPage } from './types'

export interface PastListing {
  entries: readonly PastEntry[]
  may: PastPage['may'] | undefined
  there: boolean
  /** What the versions can tell, by the page that could tell least. */
  tells: PastPage['tells']
  /** Since when they tell all. */
  wholeSince: string | null
  complete: boolean
}

/** Without versions more is missing than with a lifecycle that takes old ones away. */
const LEAST_FIRST: readonly PastPage['tells'][] = ['unversioned', 'expired', 'unknown', 'all']

/** All of a folder as it was, page after page. */
export function pastQuery(location: string, path: string, at: string) {
  return queryOptions({
    queryKey: ['past', location, path, at],
    structuralSharing: false,
    queryFn: streamedQuery<PastPage, PastListing>({
      streamFn: ({ signal }) => pages({ location, path, at, signal }),
      refetchMode: 'replace',
      initialValue: { entries: [], may: undefined, there: false, tells: 'all', wholeSince: null, complete: false },
      reducer: (before, page) => ({
        entries: [...before.entries, ...page.entries],
        may: page.may,
        there: before.there || page.there,
        tells: LEAST_FIRST.find((tells) => tells === before.tells || tells === page.tells) ?? page.tells,
        wholeSince: page.whole_since,
        complete: page.next === null,
      }),
    }),
  })
}

interface Asked {
  location: string
  path: string
  at: string
  signal: AbortSignal
}

async function* pages({ location: id, path, at, signal }: Asked): AsyncGenerator<PastPage> {
  let cursor: string | undefined
  do {
    const query = cursor === undefined ? { path, at } : { path, at, cursor }
    const page: PastPage = await take(client.GET('/api/v1/locations/{id}/past', { params: { path: { id }, query }, signal }))
    yield page
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
}
