/** What a file has besides its bytes. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { Tag } from './types'

export function propertiesQuery(id: string, path: string, etag: string) {
  return queryOptions({
    queryKey: ['properties', id, path, etag],
    staleTime: 30_000,
    queryFn: ({ signal }) => take(client.GET('/api/v1/locations/{id}/properties', { params: { path: { id }, query: { path } }, signal })),
  })
}

/** Replaces all tags of a file. */
export function putTags(id: string, path: string, tags: readonly Tag[]): Promise<void> {
  return finish(client.PUT('/api/v1/locations/{id}/tags', { params: { path: { id } }, body: { path, tags: [...tags] } }))
}
