/** Changes of access before they are made, and permissions while they are written. */
import { queryOptions } from '@tanstack/react-query'
import { client, take } from './client'
import type { ChangeForm, ChangeMade, ChangeSet } from './types'

/** Who gains and who loses what by it; nothing is changed. */
export function previewChange(change: ChangeForm): Promise<ChangeSet> {
  return take(client.POST('/api/v1/changes/preview', { body: { change } }))
}

/** The same of a change that is asked about; it is of this moment, and stays as it was read. */
export function changeSetQuery(change: ChangeForm) {
  return queryOptions({
    queryKey: ['change-set', change],
    queryFn: () => previewChange(change),
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  })
}

/** Makes a change as it was seen; `digest` is that of its change set. */
export function makeChange(change: ChangeForm, digest: string, note: string): Promise<ChangeMade> {
  return take(client.POST('/api/v1/changes', { body: { change, digest, note } }))
}

export const policyVersionsQuery = queryOptions({
  queryKey: ['roles', 'versions'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/policy-versions', { signal })),
})

export const guardRailsQuery = queryOptions({
  queryKey: ['roles', 'rails'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/guard-rails', { signal })),
})

export function policyCheckQuery(document: string) {
  return queryOptions({
    queryKey: ['policy-check', document],
    queryFn: ({ signal }) => take(client.POST('/api/v1/policies/check', { body: { document }, signal })),
    staleTime: Infinity,
    gcTime: 60_000,
  })
}

export const policyWordsQuery = queryOptions({
  queryKey: ['policy-words'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/policies/words', { signal })),
  staleTime: Infinity,
})
