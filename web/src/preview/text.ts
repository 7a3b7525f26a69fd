/** The text of a file: its first MiB, fetched from the store and decoded here. */
import { noAnswer, refusalOfStore } from './refusal'

/** How much of a file is read, in bytes; what is larger is shown cut, and not edited. */
export const TEXT_BYTES_MAX = 1_048_576

export type Encoding = 'utf-8' | 'utf-16' | 'windows-1252'

export interface Decoded {
  content: string
  encoding: Encoding
  /** It began with a byte order mark, which is kept when it is saved. */
  bom: boolean
}

export interface Text extends Decoded {
  /** Of exactly these bytes, without quotation marks; an edit replaces no others. */
  etag: string | undefined
  /** There is more of the file than was read. */
  cut: boolean
}

/** The bytes are none of the encodings of text that are known here. */
export class NotText extends Error {
  override readonly name = 'NotText'
}

const RANGE_NOT_SATISFIABLE = 416

/** `size` is what the listing said; the answer decides. */
export async function readText(url: string, size: number, signal: AbortSignal): Promise<Text> {
  const ask = (headers: Record<string, string>): Promise<Response> =>
    fetch(url, { headers, signal, credentials: 'omit', redirect: 'error', cache: 'no-store' }).catch((cause: unknown) => {
      throw noAnswer(cause)
    })
  const ranged = size === 0 ? undefined : await ask({ range: `bytes=0-${TEXT_BYTES_MAX - 1}` })
  // An empty file has no first byte, so a range of it is refused.
  const answer = ranged === undefined || ranged.status === RANGE_NOT_SATISFIABLE ? await ask({}) : ranged
  if (!answer.ok) throw await refusalOfStore(answer)
  const etag = answer.headers.get('etag')?.replaceAll('"', '')
  const { bytes, more } = await firstBytes(answer)
  const cut = more || (bytes.byteLength === TEXT_BYTES_MAX && size !== TEXT_BYTES_MAX)
  const decoded = decode(bytes, cut)
  if (decoded === undefined) throw new NotText()
  return { ...decoded, etag, cut }
}

/** No more than is shown, even from a store that knows no ranges. */
async function firstBytes(answer: Response): Promise<{ bytes: Uint8Array<ArrayBuffer>; more: boolean }> {
  const reader = answer.body?.getReader()
  const bytes = new Uint8Array(TEXT_BYTES_MAX)
  let at = 0
  for (;;) {
    const piece = await reader?.read()
    if (piece?.value === undefined) return { bytes: bytes.slice(0, at), more: false }
    const fits = piece.value.subarray(0, TEXT_BYTES_MAX - at)
    bytes.set(fits, at)
    at += fits.byteLength
    if (fits.byteLength < piece.value.byteLength) {
      await reader?.cancel()
      return { bytes, more: true }
    }
  }
}

/** UTF-8, or UTF-16 by its mark; else one byte a character, which is said. Nothing, if it is no text. */
export function decode(bytes: Uint8Array<ArrayBuffer>, cut: boolean): Decoded | undefined {
  const wide = wideLabel(bytes)
  if (wide !== undefined) {
    return { content: new TextDecoder(wide).decode(bytes, { stream: cut }), encoding: 'utf-16', bom: true }
  }
  if (bytes.includes(0)) return undefined
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  try {
    // A character that the cut went through is left out.
    return { content: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut }), encoding: 'utf-8', bom }
  } catch {
    return { content: new TextDecoder('windows-1252').decode(bytes), encoding: 'windows-1252', bom: false }
  }
}

function wideLabel(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined
}

/** How the lines of a file end; mixed endings stay as they are, as characters of their lines. */
export function lineEndOf(content: string): '\n' | '\r\n' {
  const all = content.split('\n').length - 1
  return all > 0 && content.split('\r\n').length - 1 === all ? '\r\n' : '\n'
}
