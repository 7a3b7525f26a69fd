/** Searching by name over all of a person's locations, and the index that names are found in. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { SearchKind, SearchPage } from './types'

/** How often is asked again while not everything has been looked through, in milliseconds. */
const AGAIN_MS = 3_000

/** What is searched for; what is not said is not asked. */
export interface Asked {
  q: string
  kind?: SearchKind | undefined
  size_min?: number | undefined
  modified_after?: string | undefined
  modified_before?: string | undefined
  location?: string | undefined
  path?: string | undefined
}

/** What was found, page by page. */
export function searchQuery(asked: Asked) {
  return infiniteQueryOptions({
    queryKey: ['search', asked],
    enabled: asked.q.trim() !== '',
    queryFn: ({ pageParam, signal }): Promise<SearchPage> => {
      const said = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
      const query = { ...said, q: asked.q, ...(pageParam === null ? {} : { cursor: pageParam }) }
      return take(client.GET('/api/v1/search', { params: { query }, signal }))
    },
    initialPageParam: firstPage(),
    getNextPageParam: ({ next }) => next,
    // Whoever comes back sees what is there now.
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ complete }) => !complete) === true && state.data.pages.length === 1 ? AGAIN_MS : false),
  })
}

function firstPage(): string | null {
  return null
}

/** The index, as administrators see it. */
export const searchIndexQuery = queryOptions({
  queryKey: ['search-index'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/search/index', { signal })),
  refetchInterval: ({ state }) => (state.data?.complete === false ? AGAIN_MS : false),
})

export async function rebuildSearch(): Promise<void> {
  await finish(client.POST('/api/v1/search/rebuild'))
}
