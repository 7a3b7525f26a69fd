/** Makes thumbnails in a worker, one at a time, and keeps the last ones for this page. */
import workerUrl from './thumb.worker?worker&url'
import { FETCHING_MS, KEPT_MAX, MAKING_MS } from './limits'
import { startWorker } from '../../ui/workers'

interface Answer {
  id: number
  /** The bytes are there, and are being decoded. */
  decoding?: boolean
  bitmap?: ImageBitmap
  /** There will never be one of these bytes. */
  lasting?: boolean
}

type Made = ImageBitmap | undefined

interface Verdict {
  made: Made
  lasting: boolean
}

/** No thumbnail this time. */
const PASSED: Verdict = { made: undefined, lasting: false }

/** By what identifies these very bytes. That there is none is kept only where it stays so: what is too large, or no picture. */
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
    const { made, lasting } = await link().then(ask, () => PASSED)
    if (made !== undefined || lasting) keep(key, made)
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

function ask(url: string): Promise<Verdict> {
  counter += 1
  const id = counter
  return new Promise((done) => {
    const running = (worker ??= startWorker(workerUrl))
    const settle = (verdict: Verdict): void => {
      clearTimeout(timer)
      running.removeEventListener('message', hear)
      running.removeEventListener('error', broke)
      done(verdict)
    }
    const hear = ({ data }: MessageEvent<Answer>): void => {
      if (data.id !== id) return
      if (data.decoding === true) {
        clearTimeout(timer)
        // What takes so long takes it the next time too.
        timer = setTimeout(() => end({ made: undefined, lasting: true }), MAKING_MS)
      } else settle({ made: data.bitmap, lasting: data.lasting === true })
    }
    const end = (verdict: Verdict): void => {
      running.terminate()
      worker = undefined
      settle(verdict)
    }
    const broke = (): void => end(PASSED)
    let timer = setTimeout(broke, FETCHING_MS)
    running.addEventListener('message', hear)
    running.addEventListener('error', broke)
    running.postMessage({ id, url })
  })
}
