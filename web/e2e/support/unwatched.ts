/** A Chromium that nobody watches. Playwright hears of every request of its pages, which takes as much of a small machine as
 * the request itself; what is measured in requests a second is measured here. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { BrowserContext } from '@playwright/test'

type Answer = Record<string, unknown>

interface Message {
  id?: number
  result?: Answer
  error?: { message: string }
}

export interface Unwatched {
  /** Gives this browser the cookies of another, so that whoever is signed in there is signed in here. */
  signInAs(context: BrowserContext): Promise<void>
  goto(address: string): Promise<void>
  evaluate(expression: string): Promise<unknown>
  /** Evaluates until it is true, four times a second. */
  until(expression: string, patienceMs: number): Promise<void>
  choose(selector: string, paths: string[]): Promise<void>
  close(): Promise<void>
}

/** The Chrome DevTools Protocol over a pipe: messages that end with a zero byte. */
function protocol(to: Writable, from: Readable): (method: string, params?: object, session?: string) => Promise<Answer> {
  const waiting = new Map<number, (message: Message) => void>()
  let [count, rest] = [0, '']
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const line of messages) {
      const message: Message = JSON.parse(line)
      waiting.get(message.id ?? -1)?.(message)
      waiting.delete(message.id ?? -1)
    }
  })
  return (method, params = {}, session) =>
    new Promise((resolve, reject) => {
      count += 1
      waiting.set(count, ({ result, error }) => (error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`))))
      to.write(`${JSON.stringify({ id: count, method, params, sessionId: session })}\0`)
    })
}

/** Starts one, with a page that is empty. */
export async function startUnwatched(): Promise<Unwatched> {
  const folder = await mkdtemp(join(tmpdir(), 'wellhouse-chromium-'))
  const quiet = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
  const args = ['--headless', '--remote-debugging-pipe', `--user-data-dir=${folder}`, ...quiet, 'about:blank']
  const child = spawn(process.env['PLAYWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const [, , , to, from] = child.stdio
  const ask = protocol(to as Writable, from as Readable)
  const { targetId } = await ask('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true })
  const session = String(sessionId)
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }, session)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return (result as { value?: unknown }).value
  }
  const until = async (expression: string, patienceMs: number): Promise<void> => {
    const begun = Date.now()
    while ((await evaluate(expression)) !== true) {
      if (Date.now() - begun > patienceMs) throw new Error(`not within ${patienceMs} ms: ${expression}`)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  return {
    evaluate,
    until,
    signInAs: async (context) => void (await ask('Storage.setCookies', { cookies: await context.cookies() })),
    goto: async (url) => void (await ask('Page.navigate', { url }, session)),
    choose: async (selector, files) => {
      const { root } = await ask('DOM.getDocument', {}, session)
      const { nodeId } = await ask('DOM.querySelector', { nodeId: (root as { nodeId: number }).nodeId, selector }, session)
      await ask('DOM.setFileInputFiles', { nodeId, files }, session)
    },
    close: async () => {
      await ask('Browser.close').catch(() => undefined)
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
