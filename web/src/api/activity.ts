/** What happened to files, as far as one may list the folder. */
import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { ActivityPage } from './types'

/** What is asked for; what is not said is not asked. */
export interface ActivityAsked {
  kind?: string | undefined
  person?: string | undefined
  since?: string | undefined
  until?: string | undefined
}

type Cursor = string | null

const first: Cursor = null

/** Everywhere, or in one location below a folder or of a file. */
export function activityQuery(place: { id: string; path: string } | undefined, asked: ActivityAsked) {
  return infiniteQueryOptions({
    queryKey: ['activity', place, asked],
    queryFn: ({ pageParam, signal }): Promise<ActivityPage> => {
      const said = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
      const query = { ...said, ...(pageParam === null ? {} : { cursor: pageParam }) }
      if (place === undefined) return take(client.GET('/api/v1/activity', { params: { query }, signal }))
      return take(client.GET('/api/v1/locations/{id}/activity', { params: { path: { id: place.id }, query: { ...query, path: place.path } }, signal }))
    },
    initialPageParam: first,
    getNextPageParam: ({ next }) => next,
    // Whoever comes back sees what happened meanwhile.
    staleTime: 0,
  })
}
