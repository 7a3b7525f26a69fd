/** The versions of a file. */
import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { FileVersions } from './types'

export function versionsQuery(id: string, path: string) {
  return infiniteQueryOptions({
    queryKey: ['versions', id, path],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) => page(id, path, pageParam, signal),
    getNextPageParam: ({ next }) => next,
  })
}

function page(id: string, path: string, cursor: string, signal: AbortSignal): Promise<FileVersions> {
  const query = cursor === '' ? { path } : { path, cursor }
  return take(client.GET('/api/v1/locations/{id}/versions', { params: { path: { id }, query }, signal }))
}

/** Puts a version in the place of the file with the entity tag `over`, or of no file. */
export function restoreVersion(id: string, path: string, version: string, over: string | null): Promise<void> {
  return finish(client.POST('/api/v1/locations/{id}/versions', { params: { path: { id } }, body: { path, version, over } }))
}
