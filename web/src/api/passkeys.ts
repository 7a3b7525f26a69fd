/** One's own passkeys, and signing in and proving by one. */
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser'
import type { PublicKeyCredentialCreationOptionsJSON, PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/browser'
import { queryOptions } from '@tanstack/react-query'
import { m } from '../i18n/messages'
import { client, finish, take } from './client'
import { prove } from './second-factor'
import { finishSignIn } from './session'
import type { MadePasskey, Session } from './types'

export const passkeysQuery = queryOptions({
  queryKey: ['passkeys'],
  queryFn: ({ signal }) => take(client.GET('/api/v1/account/passkeys', { signal })),
})

/** A challenge for a new passkey; the server asks for a fresh proof first. */
export async function offerPasskey(): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { options } = await take(client.POST('/api/v1/account/passkeys/challenge'))
  if (!isForMaking(options)) throw new Error(m.passkeys.notAsked())
  return options
}

/** Has the browser make a passkey, and keeps it. */
export async function makePasskey(name: string, optionsJSON: PublicKeyCredentialCreationOptionsJSON): Promise<MadePasskey> {
  const passkey = { ...(await startRegistration({ optionsJSON })) }
  return take(client.POST('/api/v1/account/passkeys', { body: { name, passkey } }))
}

export function renamePasskey(id: string, name: string): Promise<void> {
  return finish(client.PATCH('/api/v1/account/passkeys/{id}', { params: { path: { id } }, body: { name } }))
}

export function removePasskey(id: string): Promise<void> {
  return finish(client.DELETE('/api/v1/account/passkeys/{id}', { params: { path: { id } } }))
}

/** Signs in without a name and a password. */
export async function signInByPasskey(): Promise<Session> {
  const passkey = await answer(await take(client.POST('/api/v1/session/passkey/challenge')))
  return take(client.POST('/api/v1/session/passkey', { body: { passkey } }))
}

/** The second step of signing in. */
export async function finishByPasskey(): Promise<Session> {
  return finishSignIn({ passkey: await answer(await take(client.POST('/api/v1/session/second-factor/challenge'))) })
}

/** Proves once more who one is. */
export async function proveByPasskey(): Promise<Session> {
  return prove({ passkey: await answer(await take(client.POST('/api/v1/session/proof/challenge'))) })
}

/** Whether the person left the browser's dialog, or let it wait too long. */
export function wasLeft(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError')
}

/** Whether the authenticator has a passkey for this person already. */
export function isThere(error: unknown): boolean {
  return error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED'
}

/** What the server asks a browser; its description knows no more than that. */
type Asked = Record<string, unknown>

function isForMaking(asked: object): asked is PublicKeyCredentialCreationOptionsJSON {
  return 'challenge' in asked && 'user' in asked && 'pubKeyCredParams' in asked
}

function isForUsing(asked: object): asked is PublicKeyCredentialRequestOptionsJSON {
  return 'challenge' in asked && 'rpId' in asked
}

async function answer({ options }: { options: Asked }): Promise<Asked> {
  if (!isForUsing(options)) throw new Error(m.passkeys.notAsked())
  return { ...(await startAuthentication({ optionsJSON: options })) }
}
