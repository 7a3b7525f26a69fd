/** Waiting: which failures are worth another attempt, how long to wait, and until the network is back. */
import { isProblem } from '../api/problem'
import { QUOTA_EXCEEDED, TransferError } from './transfer'

const FAILURES_MAX = 10
const RESIGN_MAX = 3
const WAIT_FIRST_MS = 400
const WAIT_MAX_MS = 30_000

export interface Patience {
  /** From 0 to 1; spreads out clients that lost the same server. */
  random(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
  online(signal: AbortSignal): Promise<void>
}

export const browserPatience: Patience = {
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((done) => {
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', () => {
        clearTimeout(timer)
        done()
      })
    }),
  online: (signal) => {
    if (navigator.onLine) return Promise.resolve()
    return new Promise((done) => {
      globalThis.addEventListener('online', () => done(), { once: true, signal })
      signal.addEventListener('abort', () => done())
    })
  },
}

export type Verdict = 'again' | 'wait' | 'stop'

/** `again` is for a link that has expired: the next attempt asks for a fresh one. */
export function judge(error: unknown, failures: number): Verdict {
  if (failures >= FAILURES_MAX) return 'stop'
  if (isProblem(error)) return error.passing ? 'wait' : 'stop'
  if (!(error instanceof TransferError)) return 'stop'
  if (error.code === QUOTA_EXCEEDED) return 'stop'
  if (error.status === 403) return failures < RESIGN_MAX ? 'again' : 'stop'
  return error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500 ? 'wait' : 'stop'
}

/** Doubles up to half a minute, with half of it left to chance. */
export function backOff(failures: number, random: number): number {
  return Math.min(WAIT_MAX_MS, WAIT_FIRST_MS * 2 ** failures) * (0.5 + random / 2)
}

/** Makes `attempt` until it succeeds or is not worth repeating. */
export async function persist<T>(
  attempt: () => Promise<T>,
  patience: Patience,
  signal: AbortSignal,
  onWait: () => void,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const verdict = judge(error, failures)
      if (verdict === 'stop') throw error
      if (verdict === 'again') continue
      onWait()
      await patience.online(signal)
      await patience.sleep(backOff(failures, patience.random()), signal)
    }
  }
}
