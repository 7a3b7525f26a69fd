/** A provider to sign in by, in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { freePort } from './house'

export interface Provider {
  issuer: string
  /** What it says of whom from now on; whoever is missing cannot sign in. */
  knows(people: Record<string, object>): Promise<void>
  stop(): void
}

/** Starts a provider whose only client is the house at this address. */
export async function startProvider(folder: string, portal: string): Promise<Provider> {
  const port = await freePort()
  const file = join(folder, 'people-of-the-provider.json')
  const knows = (people: Record<string, object>): Promise<void> => writeFile(file, JSON.stringify(people))
  await knows({})
  const script = join(import.meta.dirname, 'provider.mjs')
  const child = spawn(process.execPath, [script, String(port), `${portal}/sign-in/local`, file], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the provider ended')))
  await Promise.race([once(child.stdout, 'data'), ended])
  ended.catch(() => undefined)
  return { issuer: `http://127.0.0.1:${port}`, knows, stop: () => void child.kill() }
}

/** At the provider's page. */
export async function signInThere(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Account' }).fill(name)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
