/** Mail addresses, links that are sent there, and what could not be sent. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { CheckedEmail } from './types'

/** The answer is the same whether there is such a person or not. */
export function askPasswordLink(who: string): Promise<void> {
  return finish(client.POST('/api/v1/password-reset', { body: { who } }))
}

export function followMailLink(token: string): Promise<CheckedEmail> {
  return take(client.POST('/api/v1/mail-check', { body: { token } }))
}

export const ownEmailQuery = queryOptions({
  queryKey: ['own-email'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/account/email', { signal })),
})

/** Has a link sent to an address that is to be one's own. */
export function wantEmail(email: string): Promise<void> {
  return finish(client.PUT('/api/v1/account/email', { body: { email } }))
}

export function removeEmail(): Promise<void> {
  return finish(client.DELETE('/api/v1/account/email'))
}

export const mailQuery = queryOptions({
  queryKey: ['mail'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/mail', { signal })),
})
