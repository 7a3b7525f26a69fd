/** What the engine does when something is not any more what it was: the upload, the file that is replaced, the file itself. */
import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { crc64, toBase64 } from './crc64'
import { allDone, engineOn, fakeXhr, FakeServer, file, newDatabase, until } from './fakes'
import { UnreadableFile, type Hasher } from './hashing'
import type { UploadItem } from './items'

const TEXT = 'the quick brown fox jumps over the lazy dog, twice'

let server: FakeServer

beforeEach(() => {
  server = new FakeServer()
  vi.stubGlobal('XMLHttpRequest', fakeXhr(server))
})

function stored(path: string): string {
  return new TextDecoder().decode(server.files.get(path))
}

const is = (kind: UploadItem['state']['kind']) => (items: readonly UploadItem[]) => items[0]?.state.kind === kind

test('Retry begins anew when the server has forgotten the upload', async () => {
  server.trouble = (_, part) => (part === 2 ? 403 : undefined)
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [failed] = await until(engine, is('failed'))
  server.uploads.clear()
  server.trouble = () => undefined
  engine.resume(failed?.key ?? '')
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
})

test('only what the person saw is replaced: another file is asked about anew, also after an answer to all', async () => {
  server.files.set('fox.txt', new TextEncoder().encode('seen'))
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [asked] = await until(engine, is('conflict'))
  server.files.set('fox.txt', new TextEncoder().encode('written meanwhile'))
  engine.answer(asked?.key ?? '', 'replace', true)
  const [again] = await until(engine, (items) => items[0]?.state.kind === 'conflict' && items[0].state.existing?.size === 17)
  expect(stored('fox.txt')).toBe('written meanwhile')
  engine.answer(again?.key ?? '', 'replace', false)
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
})

/** A file that cannot be read any more once it is being sent, as Chromium has it when it was written to. */
function breaking(name: string, content: string, isBroken: () => boolean): File {
  const before = file(name, content)
  const slice = before.slice.bind(before)
  before.slice = (from, to) => {
    const blob = slice(from, to)
    const inner = blob.slice.bind(blob)
    blob.slice = (a, b) => {
      const byte = inner(a, b)
      if (isBroken()) byte.arrayBuffer = () => Promise.reject(new DOMException('changed', 'NotReadableError'))
      return byte
    }
    return blob
  }
  return before
}

test('a file that changes while it is sent is told at once, and read again from the start where the browser may', async () => {
  let broken = true
  server.trouble = () => (broken ? 0 : undefined)
  const hasher: Hasher = {
    hash: async (blob) => {
      if (broken && server.puts > 0) throw new UnreadableFile('changed')
      return toBase64(crc64(new Uint8Array(await blob.arrayBuffer())))
    },
  }
  const engine = engineOn(server, newDatabase(), { hasher })
  engine.add('home', '', [{ file: breaking('fox.txt', TEXT, () => broken), path: 'fox.txt' }])
  const [failed] = await until(engine, is('failed'))
  expect(failed?.state).toMatchObject({ error: { name: 'ChangedFile' } })
  expect(server.puts).toBeLessThanOrEqual(4)
  expect(server.uploads.size).toBe(0)

  const handle: FileSystemFileHandle = Object.assign(Object.create(null), {
    getFile: async () => {
      broken = false
      return file('log.txt', 'longer than it was before')
    },
  })
  broken = true
  server.puts = 0
  engine.add('home', '', [{ file: breaking('log.txt', 'as it was', () => broken), path: 'log.txt', handle }])
  await until(engine, (items) => items[1]?.state.kind === 'done')
  expect(stored('log.txt')).toBe('longer than it was before')
})

test('a question that waits for its answer is lost by leaving', async () => {
  server.files.set('a', new Uint8Array([1]))
  const engine = engineOn(server)
  expect(engine.unsettled).toBe(false)
  engine.add('home', '', [{ file: file('a', 'abc'), path: 'a' }])
  const [asked] = await until(engine, is('conflict'))
  expect([engine.busy, engine.unsettled]).toEqual([false, true])
  engine.answer(asked?.key ?? '', 'skip', false)
  expect(engine.unsettled).toBe(false)
})

test('what the server had before is not counted as sent now', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    let speed = 0
    const big = 'x'.repeat(1_000)
    server.trouble = (_, part) => (part === 100 ? 403 : undefined)
    const engine = engineOn(server)
    engine.add('home', '', [{ file: file('big', big), path: 'big' }])
    const [failed] = await until(engine, is('failed'))
    vi.setSystemTime(Date.now() + 60_000)
    server.trouble = () => {
      vi.setSystemTime(Date.now() + 1_000)
      return undefined
    }
    engine.subscribe(() => (speed = Math.max(speed, engine.getTotals().speed)))
    engine.resume(failed?.key ?? '')
    await until(engine, allDone)
    expect(speed).toBeLessThan(5)
  } finally {
    vi.useRealTimers()
  }
})
