/** The addresses below a file request's own, as the upload engine asks for them. Strangers have no others. */
import { parseProblem, unreachable } from '../api/problem'
import type { CompletedUpload, SignedPart, Upload, UploadDetail } from '../api/types'
import type { UploadApi } from '../api/uploads'

/** `base` is the request's address, without a slash at its end. */
export function requestApi(base: string): UploadApi {
  const upload = (id: string, below = ''): string => `${base}/uploads/${encodeURIComponent(id)}${below}`
  const through = (id: string, { n, crc }: { n: number; crc: string }): SignedPart => ({
    n,
    url: upload(id, `/parts/${n}`),
    headers: { 'content-type': 'application/octet-stream', 'x-amz-checksum-crc64nvme': crc },
  })
  return {
    begin: ({ path, size, last_modified }, signal) => ask<Upload>('POST', `${base}/uploads`, { name: path, size, last_modified }, signal),
    unfinished: async () => (await ask<{ uploads: Upload[] }>('GET', `${base}/uploads`)).uploads,
    detail: (id, signal) => ask<UploadDetail>('GET', upload(id), undefined, signal),
    // An address of the store would tell strangers its bucket and the whole key: parts go by the portal.
    sign: (id, parts) => Promise.resolve(parts.map((part) => through(id, part))),
    signWhole: () => Promise.reject(new Error('files are sent in parts here')),
    complete: (id, crc, etags, signal) => ask<CompletedUpload>('POST', upload(id, '/complete'), { crc, etags: [...etags] }, signal),
    abandon: (id) => tell('DELETE', upload(id)),
    throughPortal: through,
  }
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
