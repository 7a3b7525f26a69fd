/** Bytes to text: the encodings, the cut, and the ends of lines. */
import { afterEach, expect, test, vi } from 'vitest'
import { StoreRefusal } from './refusal'
import { decode, lineEndOf, NotText, readText, TEXT_BYTES_MAX } from './text'

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const { signal } = new AbortController()

afterEach(() => void vi.unstubAllGlobals())

test('UTF-8 with and without its mark, UTF-16, and what is neither', () => {
  expect(decode(utf8('größer 🦀'), false)).toEqual({ content: 'größer 🦀', encoding: 'utf-8', bom: false })
  expect(decode(utf8('\uFEFFa'), false)).toEqual({ content: 'a', encoding: 'utf-8', bom: true })
  expect(decode(new Uint8Array([0xff, 0xfe, 0x61, 0x00]), false)).toMatchObject({ content: 'a', encoding: 'utf-16' })
  expect(decode(new Uint8Array([0xfe, 0xff, 0x00, 0x61]), false)).toMatchObject({ content: 'a', encoding: 'utf-16' })
  expect(decode(new Uint8Array([0x67, 0x72, 0xfc]), false)).toEqual({ content: 'grü', encoding: 'windows-1252', bom: false })
  expect(decode(new Uint8Array([0x89, 0x50, 0x00]), false)).toBeUndefined()
  expect(decode(new Uint8Array(), false)).toEqual({ content: '', encoding: 'utf-8', bom: false })
})

test('a character that the cut goes through is left out, and is no sign of another encoding', () => {
  expect(decode(utf8('a🦀').slice(0, 3), true)).toMatchObject({ content: 'a', encoding: 'utf-8' })
  expect(decode(utf8('a🦀').slice(0, 3), false)).toMatchObject({ encoding: 'windows-1252' })
})

test('the ends of lines are kept where they are all alike', () => {
  for (const [text, end] of [['a\r\nb\r\n', '\r\n'], ['a\nb', '\n'], ['a\r\nb\n', '\n'], ['a', '\n'], ['a\rb', '\n']]) {
    expect(lineEndOf(text ?? '')).toBe(end)
  }
})

function storeAnswers(...answers: Response[]) {
  const fetched = vi.fn<typeof fetch>(() => Promise.resolve(answers.shift() ?? Response.error()))
  vi.stubGlobal('fetch', fetched)
  return fetched
}

test('the first MiB is asked for, and that there is more is known', async () => {
  const fetched = storeAnswers(new Response(utf8('x'.repeat(TEXT_BYTES_MAX)), { status: 206, headers: { etag: '"e1"' } }))
  const text = await readText('http://store/a', 5_000_000, signal)
  expect(text).toMatchObject({ cut: true, etag: 'e1' })
  expect(text.content).toHaveLength(TEXT_BYTES_MAX)
  expect(fetched.mock.calls[0]?.[1]?.headers).toEqual({ range: 'bytes=0-1048575' })
})

test('a store that knows no ranges is not read to its end', async () => {
  storeAnswers(new Response(utf8('x'.repeat(TEXT_BYTES_MAX + 9)), { status: 200 }))
  expect(await readText('http://store/a', 7, signal)).toMatchObject({ cut: true, etag: undefined })
})

test('an empty file has no range', async () => {
  storeAnswers(new Response('', { status: 416 }), new Response('', { status: 200, headers: { etag: '"e0"' } }))
  expect(await readText('http://store/a', 3, signal)).toMatchObject({ content: '', cut: false, etag: 'e0' })
})

test('a refusal has the code of the store, silence has none, and a picture is no text', async () => {
  storeAnswers(new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 }))
  await expect(readText('http://store/a', 3, signal)).rejects.toMatchObject({ status: 403, code: 'AccessDenied' })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(readText('http://store/a', 3, signal)).rejects.toBeInstanceOf(StoreRefusal)
  storeAnswers(new Response(new Uint8Array([1, 0, 2])))
  await expect(readText('http://store/a', 3, signal)).rejects.toBeInstanceOf(NotText)
})
