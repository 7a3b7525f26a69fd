/** Waiting: which failures are worth another attempt, how long to wait, and until the network is back. */
import { isProblem } from '../api/problem'
import { QUOTA_EXCEEDED, TransferError } from './transfer'

/** How often each kind of failure may come before it is told; only work that goes on counts anew. */
const FAILURES_MAX: Record<Failure, number> = { silent: 200, busy: 10, refused: 3, final: 0 }
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

/**
 * `silent`: nobody answered, and somebody will, be it in an hour. `busy`: whoever answered asks to come again. `refused`: the
 * link has expired or its credentials have ended; the next attempt asks for a fresh one, at once.
 */
export type Failure = 'silent' | 'busy' | 'refused' | 'final'

/** What S3 says, with status 400, of credentials that have ended; and of a body that did not come in time. */
const ENDED = new Set(['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired'])
const SLOW = new Set(['RequestTimeout', 'IncompleteBody'])

export function kindOf(error: unknown): Failure {
  if (isProblem(error)) return error.passing ? waiting(error.status) : 'final'
  if (!(error instanceof TransferError)) return 'final'
  const { status, code = '' } = error
  if (code === QUOTA_EXCEEDED) return 'final'
  if (status === 403 || ENDED.has(code)) return 'refused'
  if (SLOW.has(code)) return 'busy'
  return status === 0 || status === 408 || status === 429 || status >= 500 ? waiting(status) : 'final'
}

function waiting(status: number): Failure {
  return status === 0 ? 'silent' : 'busy'
}

export type Verdict = 'again' | 'wait' | 'stop'

/** What to do after a failure of a kind that has come `before` times already. */
export function judge(error: unknown, before: number): Verdict {
  const kind = kindOf(error)
  if (before >= FAILURES_MAX[kind]) return 'stop'
  return kind === 'refused' ? 'again' : 'wait'
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
  const failures: Record<Failure, number> = { silent: 0, busy: 0, refused: 0, final: 0 }
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      signal.throwIfAborted()
      const kind = kindOf(error)
      const verdict = judge(error, failures[kind])
      failures[kind] += 1
      if (verdict === 'stop') throw error
      if (verdict === 'again') continue
      onWait()
      await patience.online(signal)
      await patience.sleep(backOff(failures.silent + failures.busy - 1, patience.random()), signal)
    }
  }
}
