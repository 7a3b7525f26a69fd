/** A small pool of workers that hash slices of files. */
import workerUrl from './hash.worker?worker&url'
import { startWorker } from '../ui/workers'
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
  return Array.from({ length: WORKERS }, () => {
    const worker = startWorker(workerUrl)
    worker.addEventListener('message', answer)
    return worker
  })
}
