/**
 * Fetches one picture from the store and makes it small. It gives pixels and no address: nothing of the file ever has the
 * portal's origin. Its limits are of bytes and pixels; that of time is kept by whoever started it.
 */
import { dimensionsOf } from './dimensions'
import { BYTES_MAX, EDGE_PX, PIXELS_MAX } from './limits'

interface Question {
  id: number
  url: string
}

globalThis.addEventListener('message', (event: MessageEvent<Question>) => {
  const { id, url } = event.data
  small(url).then(
    (bitmap) => globalThis.postMessage({ id, bitmap }, { transfer: [bitmap] }),
    (error: unknown) => globalThis.postMessage({ id, problem: String(error) }),
  )
})

async function small(url: string): Promise<ImageBitmap> {
  const answer = await fetch(url, { credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer' })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
  const bytes = await limited(answer)
  const size = dimensionsOf(bytes)
  if (size === undefined || size.width * size.height > PIXELS_MAX) throw new RangeError('no size, or too many pixels')
  const scale = Math.min(1, EDGE_PX / Math.max(size.width, size.height))
  const resizeWidth = Math.max(1, Math.round(size.width * scale))
  const resizeHeight = Math.max(1, Math.round(size.height * scale))
  return createImageBitmap(new Blob([bytes]), { resizeWidth, resizeHeight, resizeQuality: 'medium' })
}

/** All of a body, as long as that is not much. */
async function limited(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const length = Number(answer.headers.get('content-length') ?? 0)
  if (length > BYTES_MAX) throw new RangeError('too many bytes')
  const buffer = await answer.arrayBuffer()
  if (buffer.byteLength > BYTES_MAX) throw new RangeError('too many bytes')
  return new Uint8Array(buffer)
}
