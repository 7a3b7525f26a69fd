/** A small pool of workers that hash slices of files. */
import workerUrl from './hash.worker?worker&url'
import { Lanes } from './lanes'

export interface Hasher {
  /** The CRC-64/NVME of the blob, in Base64. Fails if the file can no longer be read. */
  hash(blob: Blob): Promise<string>
}

/** The file was changed, moved or locked after it was chosen. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

interface Answer {
  id: number
  crc?: string
  problem?: string
}

interface ScriptUrlPolicy {
  /** Gives a `TrustedScriptURL`, which the page's policy wants wherever `Worker` takes a string. */
  createScriptURL(url: string): string
}

declare global {
  interface Window {
    readonly trustedTypes?: {
      createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptUrlPolicy
    }
  }
}

const WORKERS = 2

/** A worker reads what it is sent, all of it at once: more than this would hold a large file in memory. */
const HASHED_AT_ONCE = 4

export function workerHasher(): Hasher {
  const waiting = new Map<number, { done: (crc: string) => void; fail: (error: Error) => void }>()
  const answer = (event: MessageEvent<Answer>): void => {
    const { id, crc, problem } = event.data
    const asked = waiting.get(id)
    waiting.delete(id)
    if (crc === undefined) asked?.fail(new UnreadableFile(problem))
    else asked?.done(crc)
  }
  let workers: Worker[] = []
  let next = 0
  const lanes = new Lanes(HASHED_AT_ONCE)
  const ask = (blob: Blob): Promise<string> => {
    if (workers.length === 0) workers = startWorkers(answer)
    const id = next
    next += 1
    return new Promise((done, fail) => {
      waiting.set(id, { done, fail })
      workers[id % WORKERS]?.postMessage({ id, blob })
    })
  }
  return { hash: (blob) => lanes.run(() => ask(blob)) }
}

function startWorkers(answer: (event: MessageEvent<Answer>) => void): Worker[] {
  const rules = { createScriptURL: ownOrigin }
  const policy: ScriptUrlPolicy = window.trustedTypes?.createPolicy('app-worker', rules) ?? rules
  return Array.from({ length: WORKERS }, () => {
    const worker = new Worker(policy.createScriptURL(workerUrl), { type: 'module' })
    worker.addEventListener('message', answer)
    return worker
  })
}

function ownOrigin(url: string): string {
  const absolute = new URL(url, location.href)
  if (absolute.origin !== location.origin) throw new TypeError(`${absolute.origin} is not our own`)
  return absolute.href
}
