/**
 * Sends one part to the store by XMLHttpRequest: `fetch` has no upload progress, and cannot stream over HTTP/1.1.
 */
import type { SignedPart } from '../api/types'

export const STALL_MS = 30_000
const STALL_CHECK_MS = 5_000

/** The store's word for a bucket that may not hold more. */
export const QUOTA_EXCEEDED = 'QuotaExceeded'

/** The store answered with `status` and, in its error document, `code`; or nothing came back at all (0). */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly status: number
  readonly code: string | undefined

  constructor(status: number, code?: string) {
    super(status === 0 ? 'no answer from the store' : `the store answered ${status}`)
    this.status = status
    this.code = code
  }
}

/** Gives the entity tag that the store answered, without quotation marks; nothing where it is kept from the page. */
export type Put = (target: SignedPart, body: Blob | ArrayBuffer, onSent: (bytes: number) => void, signal: AbortSignal) => Promise<string | undefined>

export const putByXhr: Put = (target, body, onSent, signal) =>
  new Promise((done, fail) => {
    const xhr = new XMLHttpRequest()
    let moved = Date.now()
    const watchdog = setInterval(() => {
      if (Date.now() - moved > STALL_MS) xhr.abort()
    }, STALL_CHECK_MS)
    const abort = (): void => xhr.abort()
    const settle = (error?: unknown): void => {
      clearInterval(watchdog)
      signal.removeEventListener('abort', abort)
      if (error === undefined) done(xhr.getResponseHeader('etag')?.replaceAll('"', ''))
      else fail(error)
    }
    xhr.open('PUT', target.url)
    for (const [name, value] of Object.entries(target.headers)) setHeader(xhr, name, value)
    xhr.upload.addEventListener('progress', (event) => {
      moved = Date.now()
      onSent(event.loaded)
    })
    xhr.addEventListener('load', () => settle(xhr.status === 200 ? undefined : refusal(xhr)))
    xhr.addEventListener('error', () => settle(new TransferError(0)))
    xhr.addEventListener('abort', () => settle(signal.aborted ? signal.reason : new TransferError(0)))
    signal.addEventListener('abort', abort)
    if (signal.aborted) settle(signal.reason)
    else xhr.send(body)
  })

function refusal(xhr: XMLHttpRequest): TransferError {
  const [, ofStore, ofPortal] = /<Code>(\w+)<\/Code>|"code":\s*"([\w-]+)"/.exec(xhr.responseText) ?? []
  return new TransferError(xhr.status, ofPortal === 'quota-exceeded' ? QUOTA_EXCEEDED : (ofStore ?? ofPortal))
}

/** The browser sets these two itself, to the values that were signed, and warns about anyone else who tries. */
function setHeader(xhr: XMLHttpRequest, name: string, value: string): void {
  const lower = name.toLowerCase()
  if (lower !== 'host' && lower !== 'content-length') xhr.setRequestHeader(name, value)
}
