/** A small pool of workers that hash slices of files. */
import workerUrl from './hash.worker?worker&url'
import { startWorker } from '../ui/workers'
import { Lanes } from './lanes'

export interface Hasher {
  /** The CRC-64/NVME of the blob, in Base64. Fails if the file can no longer be read, or if no worker can be had. */
  hash(blob: Blob): Promise<string>
}

/** The file was changed, moved or locked after it was chosen. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile'
}

/** The worker could not be started, or broke down, twice. */
export class WorkerFailed extends Error {
  override readonly name = 'WorkerFailed'
}

interface Answer {
  id: number
  crc?: string
  problem?: string
}

const WORKERS = 2

/** A worker reads what it is sent, all of it at once: more than this would hold a large file in memory. */
const HASHED_AT_ONCE = 4

export function workerHasher(start: () => Worker = () => startWorker(workerUrl)): Hasher {
  const slots = Array.from({ length: WORKERS }, () => new Slot(start))
  const lanes = new Lanes(HASHED_AT_ONCE)
  let next = 0
  const ask = async (blob: Blob): Promise<string> => {
    next += 1
    const slot = slots[next % WORKERS]
    if (slot === undefined) throw new WorkerFailed('no worker')
    try {
      return await slot.ask(blob)
    } catch (error) {
      if (!(error instanceof WorkerFailed)) throw error
      return await slot.ask(blob)
    }
  }
  return { hash: (blob) => lanes.run(() => ask(blob)) }
}

interface Waiting {
  done: (crc: string) => void
  fail: (error: Error) => void
}

/** The place of one worker. One that fails is ended, and so is all that waits for it; the next question starts another. */
class Slot {
  private readonly start: () => Worker
  private readonly waiting = new Map<number, Waiting>()
  private worker: Worker | undefined
  private counter = 0

  constructor(start: () => Worker) {
    this.start = start
  }

  ask(blob: Blob): Promise<string> {
    this.counter += 1
    const id = this.counter
    return new Promise((done, fail) => {
      this.waiting.set(id, { done, fail })
      try {
        this.worker ??= this.started()
        this.worker.postMessage({ id, blob })
      } catch (error) {
        this.broke(this.worker, String(error))
      }
    })
  }

  private started(): Worker {
    const worker = this.start()
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.hear(data))
    worker.addEventListener('error', (event) => this.broke(worker, event.message))
    worker.addEventListener('messageerror', () => this.broke(worker, 'an answer could not be read'))
    return worker
  }

  private hear({ id, crc, problem }: Answer): void {
    const asked = this.waiting.get(id)
    this.waiting.delete(id)
    if (crc === undefined) asked?.fail(new UnreadableFile(problem))
    else asked?.done(crc)
  }

  private broke(worker: Worker | undefined, why: string): void {
    if (worker !== this.worker) return
    worker?.terminate()
    this.worker = undefined
    const all = [...this.waiting.values()]
    this.waiting.clear()
    for (const { fail } of all) fail(new WorkerFailed(why))
  }
}
