/**
 * What is kept of a run for its last step, which looks in every log for every secret: the logs of all houses, at the finest
 * level, and the secrets that the pages came to know. Only where `cargo xtask test` names a folder.
 */
import { appendFile, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrowserContext, Response } from '@playwright/test'

const folder = process.env['WELLHOUSE_TEST_LOGS']

/** What is shorter would be found where it is none. */
const SECRET_CHARS_MIN = 10

/** The fields of bodies that hold a secret; and those that hold an address with one, maybe. */
const SECRETS = new Set(['secret', 'secret_access_key', 'session_token', 'codes', 'recovery_codes', 'recovery_code', 'password', 'current', 'new', 'new_password', 'token'])
const ADDRESSES = new Set(['uri', 'url', 'path'])
const MARKS = ['#token=', 'X-Amz-Signature=', 'X-Amz-Security-Token=', 'secret=']

export function levelOfLogs(): Record<string, string> {
  return folder === undefined ? {} : { WELLHOUSE_LOG__FILTER: 'trace' }
}

/** Where a house logs to; nowhere of its own, where nothing is kept. */
export async function openLog(name: string): Promise<FileHandle | undefined> {
  return folder === undefined ? undefined : open(join(folder, `e2e-${process.pid}-${name}.log`), 'a')
}

export async function keepSecrets(secrets: string[]): Promise<void> {
  const kept = secrets.filter((secret) => secret.length >= SECRET_CHARS_MIN)
  if (folder === undefined || kept.length === 0) return
  await appendFile(join(folder, 'secrets'), kept.map((secret) => `${secret}\n`).join(''))
}

/** Keeps what the answers to the pages of a context hold; call what comes back before it is closed. */
export function keepSecretsOf(context: BrowserContext): () => Promise<void> {
  if (folder === undefined) return async () => {}
  const reading: Promise<void>[] = []
  context.on('response', (response) => reading.push(keepSecretsIn(response)))
  return async () => {
    await Promise.all(reading)
    await keepSecrets((await context.cookies()).map((cookie) => cookie.value))
  }
}

async function keepSecretsIn(response: Response): Promise<void> {
  await keepSecrets(secretsIn(parsed(response.request().postData() ?? '')))
  if (!(response.headers()['content-type'] ?? '').startsWith('application/json')) return
  // A page that goes on to another does not give the answer any more.
  const body: unknown = await response.json().catch(() => null)
  await keepSecrets(secretsIn(body))
}

function parsed(text: string): unknown {
  if (!text.startsWith('{')) return null
  try {
    const body: unknown = JSON.parse(text)
    return body
  } catch {
    return null
  }
}

function secretsIn(value: unknown, name = ''): string[] {
  if (typeof value === 'string') {
    if (SECRETS.has(name)) return [value]
    return ADDRESSES.has(name) ? within(value) : []
  }
  if (Array.isArray(value)) return value.flatMap((one) => secretsIn(one, name))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, one]) => secretsIn(one, field))
}

/** What is secret in an address. */
function within(text: string): string[] {
  return MARKS.flatMap((mark) => text.split(mark).slice(1)).map((part) => part.split('&')[0] ?? '')
}
