/** What a file has besides its bytes. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { MetadataForm, Properties, Tag } from './types'

export function propertiesQuery(id: string, path: string, etag: string) {
  return queryOptions({
    queryKey: ['properties', id, path, etag],
    staleTime: 30_000,
    queryFn: ({ signal }) => looked(id, path, signal),
  })
}

/** What the store knows of a file now; or why it tells nothing. */
export function looked(id: string, path: string, signal?: AbortSignal): Promise<Properties> {
  const params = { path: { id }, query: { path } }
  return take(client.GET('/api/v1/locations/{id}/properties', signal === undefined ? { params } : { params, signal }))
}

/** Replaces the type, the headers and the metadata of the file with this entity tag. */
export function putMetadata(id: string, file: Omit<MetadataForm, 'metadata'>, metadata: readonly (readonly [string, string])[]): Promise<void> {
  return finish(client.PUT('/api/v1/locations/{id}/metadata', { params: { path: { id } }, body: { ...file, metadata: Object.fromEntries(metadata) } }))
}

/** Replaces all tags of a file. */
export function putTags(id: string, path: string, tags: readonly Tag[]): Promise<void> {
  return finish(client.PUT('/api/v1/locations/{id}/tags', { params: { path: { id } }, body: { path, tags: [...tags] } }))
}
