/** Who is signed in, setting up, registering, and one's own account. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import { isProblem } from './problem'
import type { Acceptance, FactorCode, FactorsNeeded, Registered, RegistrationForm, Session, SetupForm } from './types'

/** `null` means that nobody is signed in, which is an answer and not an error. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await take(client.GET('/api/v1/session', { signal }))
    } catch (error) {
      if (isProblem(error) && error.status === 401) return null
      throw error
    }
  },
})

export const setupQuery = queryOptions({
  queryKey: ['setup'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/setup', { signal })),
})

export const registrationQuery = queryOptions({
  queryKey: ['registration'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/registration', { signal })),
})

export function setUp(body: SetupForm): Promise<Session> {
  return take(client.POST('/api/v1/setup', { body }))
}

export function register(body: RegistrationForm): Promise<Registered> {
  return take(client.POST('/api/v1/registration', { body }))
}

/** The session, or by what the second step is to be taken next. */
export function signIn(name: string, password: string): Promise<Session | FactorsNeeded> {
  return take(client.POST('/api/v1/session', { body: { name, password } }))
}

export function finishSignIn(body: FactorCode): Promise<Session> {
  return take(client.POST('/api/v1/session/second-factor', { body }))
}

export function signOut(): Promise<void> {
  return finish(client.DELETE('/api/v1/session'))
}

/** Access keys and API tokens end with the old password, or go on. */
export function changePassword(current: string, next: string, keepPrograms: boolean): Promise<void> {
  const body = { current, new: next, keep_programs: keepPrograms }
  return finish(client.POST('/api/v1/account/password', { body }))
}

/** What an invitation says to whoever holds its link. */
export function invitationQuery(token: string) {
  return queryOptions({
    queryKey: ['invitation', token],
    staleTime: Infinity,
    queryFn: ({ signal }) => take(client.POST('/api/v1/invitation', { body: { token }, signal })),
  })
}

export async function acceptInvitation(body: Acceptance): Promise<void> {
  await take(client.POST('/api/v1/invitation/accept', { body }))
}

export function setPasswordByLink(token: string, password: string): Promise<void> {
  return finish(client.POST('/api/v1/new-password', { body: { token, password } }))
}
