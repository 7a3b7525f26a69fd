/** The addresses below a file request's own, as the upload engine asks for them. Strangers have no others. */
import { isProblem, parseProblem, unreachable } from '../api/problem'
import type { SignedPart, Upload, UploadDetail } from '../api/types'
import type { UploadApi } from '../api/uploads'

/** `base` is the request's address, without a slash at its end. */
export function requestApi(base: string): UploadApi {
  const upload = (id: string, below = ''): string => `${base}/uploads/${encodeURIComponent(id)}${below}`
  const through = (id: string, { n, crc }: { n: number; crc: string }): SignedPart => ({
    n,
    url: upload(id, `/parts/${n}`),
    headers: { 'content-type': 'application/octet-stream', 'x-amz-checksum-crc64nvme': crc },
  })
  const keys = new Keys()
  return {
    begin: async ({ path, size, last_modified }, signal) => {
      const file = { name: path, size, last_modified }
      const key = keys.take(JSON.stringify(file))
      try {
        return await ask<Upload>('POST', `${base}/uploads`, { ...file, key }, signal)
      } catch (error) {
        if (!isProblem(error) || error.passing) keys.keep(JSON.stringify(file), key)
        throw error
      }
    },
    unfinished: async () => (await ask<{ uploads: Upload[] }>('GET', `${base}/uploads`)).uploads,
    detail: (id, signal) => ask<UploadDetail>('GET', upload(id), undefined, signal),
    // An address of the store would tell strangers its bucket and the whole key: parts go by the portal.
    sign: (id, parts) => Promise.resolve(parts.map((part) => through(id, part))),
    signWhole: () => Promise.reject(new Error('files are sent in parts here')),
    // Of the object strangers are told nothing.
    complete: async (id, crc, etags, signal) => {
      const arrived = await ask<{ path: string; size: number }>('POST', upload(id, '/complete'), { crc, etags: [...etags] }, signal)
      return { ...arrived, etag: '', checksum: crc }
    },
    abandon: (id) => tell('DELETE', upload(id)),
    throughPortal: through,
  }
}

/** By which keys files were begun of which nobody knows whether the server did: the same file is begun by the same again. */
class Keys {
  private readonly kept = new Map<string, string[]>()

  take(file: string): string {
    return this.kept.get(file)?.pop() ?? newKey()
  }

  keep(file: string, key: string): void {
    this.kept.set(file, [...(this.kept.get(file) ?? []), key])
  }
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function ask<T>(method: string, url: string, body?: object, signal?: AbortSignal): Promise<T> {
  const answer = await answered(method, url, body, signal)
  if (!answer.ok) throw parseProblem(answer.status, await answer.json().catch(() => undefined))
  // Of our own server, whose types are those of the API.
  return answer.json()
}

async function tell(method: string, url: string): Promise<void> {
  const answer = await answered(method, url)
  if (!answer.ok) throw parseProblem(answer.status, await answer.json().catch(() => undefined))
}

async function answered(method: string, url: string, body?: object, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw unreachable(cause)
  }
}
