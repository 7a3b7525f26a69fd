/** The sessions that go on: one's own, and those of a person. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'

export const ownSessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: async ({ signal }) => (await take(client.GET('/api/v1/account/sessions', { signal }))).sessions,
})

export function endOwnSession(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/account/sessions/{id}', { params: { path: { id } } }))
}

/** How many were ended. */
export async function endOtherSessions(): Promise<number> {
  return (await take(client.POST('/api/v1/account/sessions/end-others'))).ended
}

export function sessionsOfQuery(uid: string) {
  return queryOptions({
    queryKey: ['sessions', uid],
    queryFn: async ({ signal }) =>
      (await take(client.GET('/api/v1/people/{uid}/sessions', { params: { path: { uid } }, signal }))).sessions,
  })
}

export function endSessionOf(uid: string, id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/people/{uid}/sessions/{id}', { params: { path: { uid, id } } }))
}
