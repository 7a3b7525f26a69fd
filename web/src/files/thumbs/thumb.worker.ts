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
  small(id, url).then(
    (bitmap) => globalThis.postMessage({ id, bitmap }, { transfer: [bitmap] }),
    // What the bytes are stays so; the store may answer another time.
    (error: unknown) => globalThis.postMessage({ id, lasting: error instanceof RangeError }),
  )
})

async function small(id: number, url: string): Promise<ImageBitmap> {
  const answer = await fetch(url, { credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer' })
  if (!answer.ok) throw new Error(`the store answered ${answer.status}`)
  const bytes = await limited(answer)
  const size = dimensionsOf(bytes)
  if (size === undefined || size.width * size.height > PIXELS_MAX) throw new RangeError('no size, or too many pixels')
  globalThis.postMessage({ id, decoding: true })
  // What the header says is before a camera's turn is applied: only what is decoded knows its sides.
  const whole = await createImageBitmap(new Blob([bytes]), { imageOrientation: 'from-image' }).catch(() => {
    throw new RangeError('no picture')
  })
  const scale = Math.min(1, EDGE_PX / Math.max(whole.width, whole.height))
  const resizeWidth = Math.max(1, Math.round(whole.width * scale))
  const resizeHeight = Math.max(1, Math.round(whole.height * scale))
  try {
    return await createImageBitmap(whole, { resizeWidth, resizeHeight, resizeQuality: 'medium' })
  } finally {
    whole.close()
  }
}

/** All of a body, as long as that is not much. */
async function limited(answer: Response): Promise<Uint8Array<ArrayBuffer>> {
  const length = Number(answer.headers.get('content-length') ?? 0)
  if (length > BYTES_MAX) throw new RangeError('too many bytes')
  const buffer = await answer.arrayBuffer()
  if (buffer.byteLength > BYTES_MAX) throw new RangeError('too many bytes')
  return new Uint8Array(buffer)
}
