/** Access keys for tools that cannot refresh temporary credentials. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { MadeKey, NewKey } from './types'

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/keys', { signal })),
})

export function makeKey(body: NewKey): Promise<MadeKey> {
  return take(client.POST('/api/v1/keys', { body }))
}

export function revokeKey(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/keys/{id}', { params: { path: { id } } }))
}

/** The keys of a person, for administrators. */
export function keysOfQuery(uid: string) {
  return queryOptions({
    queryKey: ['people', uid, 'keys'],
    queryFn: async ({ signal }) => (await take(client.GET('/api/v1/people/{uid}/keys', { params: { path: { uid } }, signal }))).keys,
  })
}

export function revokeKeyOf(uid: string, id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/people/{uid}/keys/{id}', { params: { path: { uid, id } } }))
}
