/** Searching by name over all of a person's locations, and the index that names are found in. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { SearchKind, SearchPage } from './types'

/** How often is asked again while not everything has been looked through, in milliseconds. */
const AGAIN_MS = 3_000

/** How many answers to one question are waited for: some locations can never be looked through. */
const ANSWERS_MAX = 8

/** When to ask again after so many answers, none of which was complete: later each time, and then not any more. */
export function againIn(answers: number): number | false {
  return answers < ANSWERS_MAX ? AGAIN_MS * 2 ** Math.max(0, Math.min(answers - 1, 4)) : false
}

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
    refetchInterval: ({ state }) => (state.data?.pages.some(({ complete }) => !complete) === true && state.data.pages.length === 1 ? againIn(state.dataUpdateCount) : false),
    // How often it was asked is shown even where the answer stays the same.
    notifyOnChangeProps: 'all',
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
