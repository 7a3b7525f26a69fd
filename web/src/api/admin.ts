/** What administrators see and change. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { DeletedPerson, Grant, NewGrant, PasswordLink, Settings } from './types'

export const peopleQuery = queryOptions({
  queryKey: ['people'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/people', { signal }))).people,
})

export type PersonAction = 'approve' | 'disable' | 'enable' | 'end-sessions'

export function actOnPerson(uid: string, action: PersonAction): Promise<void> {
  return finish(client.POST(`/api/v1/people/{uid}/${action}`, { params: { path: { uid } } }))
}

/** Takes all second factors away; linked sign-ins that were added to the account end with them, or stay. */
export function resetSecondFactor(uid: string, keepLinks: boolean): Promise<void> {
  const params = { path: { uid }, query: { keep_links: keepLinks } }
  return finish(client.POST('/api/v1/people/{uid}/reset-second-factor', { params }))
}

export function grantsQuery(uid: string) {
  return queryOptions({
    queryKey: ['grants', uid],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/api/v1/people/{uid}/grants', { params: { path: { uid } }, signal }))).grants,
  })
}

export const allGrantsQuery = queryOptions({
  queryKey: ['grants'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/grants', { signal }))).grants,
})

/** All that a person holds, by name, by a group or as everyone does. */
export function effectiveQuery(uid: string) {
  return queryOptions({
    queryKey: ['grants', uid, 'effective'],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/api/v1/people/{uid}/locations', { params: { path: { uid } }, signal }))).locations,
  })
}

export function giveGrant(body: NewGrant): Promise<Grant> {
  return take(client.POST('/api/v1/grants', { body }))
}

/** When something ends that lasts through this day here; `undefined`, where no day is given. */
export function lastDay(day: string): string | undefined {
  const ends = dayBegins(day, 1)
  return ends === '' ? undefined : ends
}

export const groupsQuery = queryOptions({
  queryKey: ['groups'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/groups', { signal }))).groups,
})

export async function makeGroup(name: string): Promise<void> {
  await take(client.POST('/api/v1/groups', { body: { name } }))
}

export async function renameGroup(id: string, name: string): Promise<void> {
  await take(client.PUT('/api/v1/groups/{id}', { params: { path: { id } }, body: { name } }))
}

export function addMember(id: string, uid: string): Promise<void> {
  return finish(client.PUT('/api/v1/groups/{id}/members/{uid}', { params: { path: { id, uid } } }))
}

export function removeGrant(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/grants/{id}', { params: { path: { id } } }))
}

export function deleteGroup(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/groups/{id}', { params: { path: { id } } }))
}

export function removeMember(id: string, uid: string): Promise<void> {
  return finish(client.DELETE('/api/v1/groups/{id}/members/{uid}', { params: { path: { id, uid } } }))
}

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/invitations', { signal }))).invitations,
})

export function revokeInvitation(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/invitations/{id}', { params: { path: { id } } }))
}

export function makePasswordLink(uid: string): Promise<PasswordLink> {
  return take(client.POST('/api/v1/people/{uid}/password-link', { params: { path: { uid } } }))
}

export function deletePerson(uid: string): Promise<DeletedPerson> {
  return take(client.DELETE('/api/v1/people/{uid}', { params: { path: { uid } } }))
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

/** The buckets that a grant may be on; the first is the one where nothing is said. */
export const bucketsQuery = queryOptions({
  queryKey: ['roles', 'buckets'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/roles', { signal }))).buckets,
})

/** What was found when the estate was last read back. */
export const estateQuery = queryOptions({
  queryKey: ['estate'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/estate', { signal }))).check ?? null,
})

/** Sequence numbers begin at 1. */
const NEWEST = 0

/** Which entries of the audit log are asked for. What is empty leaves nothing out. */
export interface AuditFilter {
  who: string
  action: string
  resource: string
  outcome: string
  since: string
  until: string
}

export const EVERYTHING: AuditFilter = { who: '', action: '', resource: '', outcome: '', since: '', until: '' }

/** Only what is asked for; days are the reader's own. */
function asked({ since, until, ...texts }: AuditFilter): Record<string, string> {
  const times = { since: dayBegins(since, 0), until: dayBegins(until, 1) }
  const all = Object.entries({ ...texts, ...times })
  return Object.fromEntries(all.map(([name, text]) => [name, text.trim()]).filter(([, text]) => text !== ''))
}

/** When a day, or one so many days later, begins here. */
function dayBegins(day: string, later: number): string {
  const [year, month, date] = day.split('-').map(Number)
  if (year === undefined || month === undefined || date === undefined) return ''
  const begins = new Date(year, month - 1, date + later)
  return Number.isNaN(begins.getTime()) ? '' : begins.toISOString()
}

/** The audit log, newest first; each further page asks for what came before the oldest entry seen. */
export function auditQuery(filter: AuditFilter) {
  return infiniteQueryOptions({
    queryKey: ['audit', filter],
    initialPageParam: NEWEST,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...asked(filter), ...(pageParam === NEWEST ? {} : { before: pageParam }) }
      return (await take(client.GET('/api/v1/audit', { params: { query }, signal }))).entries
    },
    getNextPageParam: (last) => {
      const oldest = last.at(-1)
      return oldest === undefined || oldest.seq <= 1 ? undefined : oldest.seq
    },
  })
}

/** Where the entries that are asked for can be had as a file. */
export function auditFile(filter: AuditFilter, format: 'csv' | 'jsonl'): string {
  return `/api/v1/audit/export?${new URLSearchParams({ format, ...asked(filter) }).toString()}`
}

/** Whether nobody has touched the audit log, as the server last saw it. */
export const auditStandingQuery = queryOptions({
  queryKey: ['audit-standing'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/audit/standing', { signal })),
})
