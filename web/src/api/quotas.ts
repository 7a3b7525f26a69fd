/** Quotas: how much there may be in places, and how much there is. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { NewQuota } from './types'

/** Every quota, for administrators. */
export const quotasQuery = queryOptions({
  queryKey: ['quotas', 'all'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/quotas', { signal })),
})

/** Those over one's own places. */
export const ownQuotasQuery = queryOptions({
  queryKey: ['quotas', 'own'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/account/quotas', { signal }))).quotas,
})

export function setQuota(body: NewQuota): Promise<unknown> {
  return take(client.PUT('/api/v1/quotas', { body }))
}

export function removeQuota(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/quotas/{id}', { params: { path: { id } } }))
}
