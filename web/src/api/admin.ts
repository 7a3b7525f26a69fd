/** What administrators see and change. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { Grant, NewGrant, Settings } from './types'

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/people', { signal }))).people,
})

export type PersonAction = 'reset-second-factor' | 'approve' | 'disable' | 'enable' | 'end-sessions'

export function actOnPerson(uid: string, action: PersonAction): Promise<void> {
  return finish(client.POST(`/api/v1/people/{uid}/${action}`, { params: { path: { uid } } }))
}

export function grantsQuery(uid: string) {
  return queryOptions({
    queryKey: ['grants', uid],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/api/v1/people/{uid}/grants', { params: { path: { uid } }, signal }))).grants,
  })
}

export function addGrant(uid: string, body: NewGrant): Promise<Grant> {
  return take(client.POST('/api/v1/people/{uid}/grants', { params: { path: { uid } }, body }))
}

export function removeGrant(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/grants/{id}', { params: { path: { id } } }))
}

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/settings', { signal })),
})

export function saveSettings(body: Settings): Promise<void> {
  return finish(client.PUT('/api/v1/settings', { body }))
}

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/roles', { signal }))).roles,
})

/** What was found when the estate was last read back. */
export const estateQuery = queryOptions({
  queryKey: ['estate'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/estate', { signal }))).check ?? null,
})

/** Sequence numbers begin at 1. */
const NEWEST = 0

/** The audit trail, newest first; each further page asks for what came before the oldest entry seen. */
export const auditQuery = infiniteQueryOptions({
  queryKey: ['audit'],
  initialPageParam: NEWEST,
  queryFn: async ({ pageParam, signal }) => {
    const query = pageParam === NEWEST ? {} : { before: pageParam }
    return (await take(client.GET('/api/v1/audit', { params: { query }, signal }))).entries
  },
  getNextPageParam: (last) => {
    const oldest = last.at(-1)
    return oldest === undefined || oldest.seq <= 1 ? undefined : oldest.seq
  },
})
