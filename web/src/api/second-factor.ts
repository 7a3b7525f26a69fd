/** One's own second factor, and proving once more who one is. */
import { queryOptions } from '@tanstack/react-query'
import { client, finish, take } from './client'
import type { OfferedFactor, Proof, Session } from './types'

export const secondFactorQuery = queryOptions({
  queryKey: ['second-factor'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/account/second-factor', { signal })),
})

/** A new seed; it counts for nothing until it is confirmed. */
export function offerFactor(): Promise<OfferedFactor> {
  return take(client.POST('/api/v1/account/second-factor'))
}

/** Confirms the seed by a code of it; gives the recovery codes. */
export async function confirmFactor(code: string): Promise<readonly string[]> {
  return (await take(client.POST('/api/v1/account/second-factor/confirm', { body: { code } }))).codes
}

export async function replaceRecoveryCodes(): Promise<readonly string[]> {
  return (await take(client.POST('/api/v1/account/second-factor/recovery-codes'))).codes
}

export function removeFactor(): Promise<void> {
  return finish(client.DELETE('/api/v1/account/second-factor'))
}

export function prove(body: Proof): Promise<Session> {
  return take(client.POST('/api/v1/session/proof', { body }))
}

/** Whether there is a fresh proof; it is a problem where there is none. */
export function askProof(): Promise<void> {
  return finish(client.GET('/api/v1/session/proof'))
}
