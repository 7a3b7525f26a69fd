/** Signing in by a provider, and what is linked to an account. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { ProviderAnswer, ProviderArrival } from './types'

export const providersQuery = queryOptions({
  queryKey: ['providers'],
  staleTime: Infinity,
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/session/providers', { signal }))).providers,
})

export const linkedQuery = queryOptions({
  queryKey: ['linked-sign-ins'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/account/identities', { signal })),
})

export function identitiesOfQuery(uid: string) {
  return queryOptions({
    queryKey: ['people', uid, 'identities'],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/api/v1/people/{uid}/identities', { params: { path: { uid } }, signal }))).identities,
  })
}

/** What somebody leaves for. */
export type Leaving = 'sign-in' | 'link' | 'proof'

const PATHS = {
  'sign-in': '/api/v1/session/providers/{id}',
  link: '/api/v1/account/identities/{id}',
  proof: '/api/v1/session/proof/providers/{id}',
} as const

/** The provider's address, which this browser goes to now. */
export async function departure(what: Leaving, id: string, returnTo: string): Promise<string> {
  const asked = { params: { path: { id } }, body: { return_to: returnTo } }
  const { location } = await take(client.POST(PATHS[what], asked))
  return location
}

/** Leaves for a provider. The page goes away, so whoever asked waits until it does. */
export async function leaveFor(what: Leaving, id: string, returnTo: string): Promise<never> {
  const address = await departure(what, id, returnTo)
  location.assign(address)
  return new Promise<never>(() => undefined)
}

/** Hands over what the provider sent this browser back with. */
export function arrive(id: string, body: ProviderAnswer): Promise<ProviderArrival> {
  return take(client.POST('/api/v1/session/providers/{id}/answer', { params: { path: { id } }, body }))
}

/** For administrators: every session of the person ends. */
export function unlinkOf(uid: string, id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/people/{uid}/identities/{id}', { params: { path: { uid, id } } }))
}

export function unlink(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/account/identities/{id}', { params: { path: { id } } }))
}
