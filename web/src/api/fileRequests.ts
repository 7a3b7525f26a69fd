/** File requests, by which people without an account send files into a folder. */
import { infiniteQueryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { FileRequests, MadeFileRequest, NewFileRequest } from './types'

const KEY = 'file-requests'

/** All that is known of requests is asked for anew once one of them has changed. */
export const fileRequestsKey: readonly [string] = [KEY]

/** What making a request is called among what is under way. */
export const makeFileRequestKey: readonly [string] = ['make-file-request']

type Cursor = string | null

const first: Cursor = null

const paged = { initialPageParam: first, getNextPageParam: (page: FileRequests) => page.next }

export const ownFileRequestsQuery = infiniteQueryOptions({
  ...paged,
  queryKey: [KEY, 'own'],
  queryFn: ({ pageParam, signal }) => take(client.GET('/api/v1/file-requests', { params: { query: pageParam === null ? {} : { cursor: pageParam } }, signal })),
})

/** Everybody's, for administrators. */
export const allFileRequestsQuery = infiniteQueryOptions({
  ...paged,
  queryKey: [KEY, 'all'],
  queryFn: ({ pageParam, signal }) => take(client.GET('/api/v1/file-requests/all', { params: { query: pageParam === null ? {} : { cursor: pageParam } }, signal })),
})

export function makeFileRequest(body: NewFileRequest): Promise<MadeFileRequest> {
  return take(client.POST('/api/v1/file-requests', { body }))
}

export function revokeFileRequest(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/file-requests/{id}', { params: { path: { id } } }))
}
