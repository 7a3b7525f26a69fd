/**
 * By which way parts go: straight to the store, or through the portal where this browser cannot reach the store. The page
 * finds it out by itself, and only as long as nothing has ever got through: what breaks later is a break.
 */
import type { Part, SignedPart } from '../api/types'

export type Way = 'store' | 'portal'

/** Whether something answers at an address, whatever it says. */
export type Answers = (url: string) => Promise<boolean>

/** A pause, in milliseconds. */
export type Wait = (ms: number) => Promise<void>

/** So often a store that answers may leave a part unanswered, before the browser is taken to keep its answers from us. */
const SILENCES_MAX = 3
const PROBE_MS = 5_000
/** A server that starts opens one door before the other: a store is not away because it was so once. */
const AGAIN_MS = 3_000

export class Ways {
  private readonly answers: Answers
  private readonly wait: Wait
  private way: Way = 'store'
  private reached = false
  private silences = 0
  private probing: Promise<void> | undefined
  /** Called when the way is another one. */
  changed: () => void = () => undefined

  constructor(answers: Answers, wait: Wait) {
    this.answers = answers
    this.wait = wait
  }

  get current(): Way {
    return this.way
  }

  /** A part got through. */
  succeeded(): void {
    this.reached = true
  }

  /** A part for the store got no answer; settles when it is known what that means. */
  unanswered(url: string): Promise<void> {
    if (this.reached || this.way === 'portal') return Promise.resolve()
    this.probing ??= this.probe(new URL(url).origin).finally(() => (this.probing = undefined))
    return this.probing
  }

  private async probe(store: string): Promise<void> {
    const answers = await this.whoAnswers(store)
    if (answers === 'portal') await this.probeAgain(store)
    else if (answers === 'both' && (this.silences += 1) >= SILENCES_MAX) this.goRound()
  }

  private async probeAgain(store: string): Promise<void> {
    await this.wait(AGAIN_MS)
    if ((await this.whoAnswers(store)) === 'portal') this.goRound()
  }

  /** Where the network is away neither answers, and nothing is known of the store. */
  private async whoAnswers(store: string): Promise<'both' | 'portal' | undefined> {
    const [storeAnswers, portalAnswers] = await Promise.all([this.answers(`${store}/`), this.answers('/healthz')])
    if (!portalAnswers) return undefined
    return storeAnswers ? 'both' : 'portal'
  }

  private goRound(): void {
    if (this.reached) return
    this.way = 'portal'
    this.changed()
  }
}

/** The address in the portal, in place of a signed one at the store. */
export function throughPortal(id: string, { n, crc }: Part): SignedPart {
  return { n, url: `/api/v1/uploads/${id}/parts/${n}`, headers: { 'content-type': 'application/octet-stream', 'x-amz-checksum-crc64nvme': crc } }
}

/** Asks without credentials, and reads nothing of the answer. `no-cors` goes with no other way of redirects than following. */
export const answersBrowser: Answers = async (url) => {
  try {
    await fetch(url, { mode: 'no-cors', credentials: 'omit', cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS) })
    return true
  } catch {
    return false
  }
}
