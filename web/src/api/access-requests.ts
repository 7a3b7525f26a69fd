/** Asking for access, and deciding what others asked for. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { AccessRequest, NewAccessRequest } from './types'

export const ownRequestsQuery = queryOptions({
  queryKey: ['access-requests', 'own'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/account/access-requests', { signal }))).requests,
})

export const waitingRequestsQuery = queryOptions({
  queryKey: ['access-requests', 'waiting'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/access-requests', { signal }))).requests,
})

export function askAccess(location: string, body: NewAccessRequest): Promise<AccessRequest> {
  return take(client.POST('/api/v1/locations/{id}/access-requests', { params: { path: { id: location } }, body }))
}

export function declineAccess(id: string, answer: string): Promise<void> {
  const body = answer.trim() === '' ? {} : { answer }
  return finish(client.POST('/api/v1/access-requests/{id}/decline', { params: { path: { id } }, body }))
}
