/** API tokens, for scripts. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { MadeToken, NewToken } from './types'

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/tokens', { signal })),
})

export function makeToken(body: NewToken): Promise<MadeToken> {
  return take(client.POST('/api/v1/tokens', { body }))
}

export function revokeToken(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }))
}

/** The tokens of a person, for administrators. */
export function tokensOfQuery(uid: string) {
  return queryOptions({
    queryKey: ['people', uid, 'tokens'],
    queryFn: async ({ signal }) => (await take(client.GET('/api/v1/people/{uid}/tokens', { params: { path: { uid } }, signal }))).tokens,
  })
}

export function revokeTokenOf(uid: string, id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/people/{uid}/tokens/{id}', { params: { path: { uid, id } } }))
}
