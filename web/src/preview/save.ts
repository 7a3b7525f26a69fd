/**
 * Writes an edited text back, on the upload calls of the API: one part, its checksum signed, and `If-Match` on what was
 * read.
 *
 * Invariant: what somebody else wrote in the meantime is never replaced.
 */
import { isProblem } from '../api/problem'
import type { SignedPart } from '../api/types'
import { uploadApi, type UploadApi } from '../api/uploads'
import { mediaTypeOf } from './kinds'
import { noAnswer, refusalOfStore } from './refusal'
import { TEXT_BYTES_MAX } from './text'

export interface Target {
  location: string
  path: string
  /** The entity tag of the file that is replaced; without one the file must not be there. */
  etag?: string | undefined
  /** The type that the file has, and keeps; without one its name decides. */
  contentType?: string | undefined
}

export interface Saving {
  api: UploadApi
  put(part: SignedPart, body: Blob): Promise<void>
  /** CRC-64/NVME in Base64. */
  checksum(bytes: Uint8Array): string
}

/** Longer than what can be opened to be edited again. */
export class TooLong extends Error {
  override readonly name = 'TooLong'
}

export function browserSaving(checksum: (bytes: Uint8Array) => string): Saving {
  return { api: uploadApi, put: putByFetch, checksum }
}

/** Gives the entity tag of what was written. */
export async function saveText(target: Target, content: string, saving: Saving): Promise<string> {
  const bytes = new TextEncoder().encode(content)
  if (bytes.byteLength > TEXT_BYTES_MAX) throw new TooLong()
  const { signal } = new AbortController()
  const { etag } = target
  const form = {
    location: target.location,
    path: target.path,
    size: bytes.byteLength,
    content_type: target.contentType ?? mediaTypeOf(target.path),
    last_modified: Date.now(),
    ...(etag === undefined ? { conflict: 'fail' as const } : { conflict: 'replace' as const, if_match: etag }),
  }
  const { id } = await saving.api.begin(form, signal)
  try {
    const crc = saving.checksum(bytes)
    const [part] = await saving.api.sign(id, [{ n: 1, size: bytes.byteLength, crc }], signal)
    if (part === undefined) throw new Error('no link came back')
    await saving.put(part, new Blob([bytes]))
    return (await saving.api.complete(id, crc, [], signal)).etag
  } catch (error) {
    // Best effort: the server drops by itself what nobody goes on with.
    await saving.api.abandon(id).catch(() => undefined)
    throw error
  }
}

const COPIES_MAX = 20

/** Writes the text beside the file, under a name that is free; gives that name. */
export async function saveCopy(target: Target, content: string, saving: Saving, words: (n: number) => string): Promise<string> {
  const end = target.path.lastIndexOf('/') + 1
  for (let n = 1; ; n += 1) {
    const name = withWords(target.path.slice(end), words(n))
    try {
      await saveText({ ...target, etag: undefined, path: target.path.slice(0, end) + name }, content, saving)
      return name
    } catch (error) {
      if (!isProblem(error, 'file-exists') || n >= COPIES_MAX) throw error
    }
  }
}

/** `notes (words).md` of `notes.md`. */
export function withWords(name: string, words: string): string {
  const dot = name.lastIndexOf('.')
  const end = dot > 0 ? dot : name.length
  return `${name.slice(0, end)} (${words})${name.slice(end)}`
}

/** These two the browser sets itself, to the values that were signed. */
const OWN_HEADERS = new Set(['host', 'content-length'])

async function putByFetch(part: SignedPart, body: Blob): Promise<void> {
  const headers = Object.entries(part.headers).filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()))
  const init = { method: 'PUT', headers, body, credentials: 'omit', redirect: 'error' } as const
  const answer = await fetch(part.url, init).catch((cause: unknown) => {
    throw noAnswer(cause)
  })
  if (!answer.ok) throw await refusalOfStore(answer)
}
