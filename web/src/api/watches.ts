/** What one watches: folders of which one is told by mail what others did there. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { NewWatch, Watch, Watches } from './types'

export const watchesQuery = queryOptions({
  queryKey: ['watches'],
  queryFn: ({ signal }): Promise<Watches> => take(client.GET('/api/v1/watches', { signal })),
})

/** Begins one, or changes one of the same place. */
export function setWatch(body: NewWatch): Promise<Watch> {
  return take(client.POST('/api/v1/watches', { body }))
}

export function endWatch(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/watches/{id}', { params: { path: { id } } }))
}
