/** What a role was used for. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { Narrowing } from './types'

export interface UseAsked {
  role: string
  days: number
  resources: Narrowing
}

export function useOfRoleQuery({ role, days, resources }: UseAsked) {
  return queryOptions({
    queryKey: ['usage', role, days, resources],
    queryFn: ({ signal }) => take(client.GET('/api/v1/access/use', { params: { query: { role, days, resources } }, signal })),
    staleTime: 0,
  })
}
