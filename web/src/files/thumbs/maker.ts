/** Makes thumbnails in a worker, one at a time, and keeps the last ones for this page. */
import workerUrl from './thumb.worker?worker&url'
import { KEPT_MAX, MAKING_MS } from './limits'
import { startWorker } from '../../ui/workers'

interface Answer {
  id: number
  bitmap?: ImageBitmap
  problem?: string
}

type Made = ImageBitmap | undefined

/** By what identifies these very bytes. A failure is kept too: what was too large stays so. */
const kept = new Map<string, Made>()
let worker: Worker | undefined
let last: Promise<unknown> = Promise.resolve()
let counter = 0

export function keptThumb(key: string): Made | 'unknown' {
  return kept.has(key) ? kept.get(key) : 'unknown'
}

/** The thumbnail, or nothing where there is none. `link` is asked only when its turn has come and somebody still waits. */
export function makeThumb(key: string, link: () => Promise<string>, signal: AbortSignal): Promise<Made> {
  const turn = last.then(async () => {
    if (signal.aborted) return undefined
    const known = keptThumb(key)
    if (known !== 'unknown') return known
    const made = await link().then(ask, () => undefined)
    keep(key, made)
    return made
  })
  last = turn.catch(() => undefined)
  return turn
}

/** Somebody else may sit here next. */
export function forgetThumbs(): void {
  for (const bitmap of kept.values()) bitmap?.close()
  kept.clear()
}

function keep(key: string, made: Made): void {
  kept.set(key, made)
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_MAX) break
    kept.get(oldest)?.close()
    kept.delete(oldest)
  }
}

function ask(url: string): Promise<Made> {
  counter += 1
  const id = counter
  const running = (worker ??= startWorker(workerUrl))
  return new Promise((done) => {
    const settle = (made: Made): void => {
      clearTimeout(timer)
      running.removeEventListener('message', hear)
      done(made)
    }
    const hear = ({ data }: MessageEvent<Answer>): void => {
      if (data.id === id) settle(data.bitmap)
    }
    const timer = setTimeout(() => {
      running.terminate()
      worker = undefined
      settle(undefined)
    }, MAKING_MS)
    running.addEventListener('message', hear)
    running.postMessage({ id, url })
  })
}
