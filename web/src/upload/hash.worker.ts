/** Hashes one slice of a file off the main thread. Never sees a URL, a name or a secret. */
import { crc64, toBase64 } from './crc64'

interface Question {
  id: number
  blob: Blob
}

globalThis.addEventListener('message', (event: MessageEvent<Question>) => {
  const { id, blob } = event.data
  blob.arrayBuffer().then(
    (buffer) => globalThis.postMessage({ id, crc: toBase64(crc64(new Uint8Array(buffer))) }),
    (error: unknown) => globalThis.postMessage({ id, problem: String(error) }),
  )
})
