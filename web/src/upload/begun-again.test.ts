import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { allDone, engineOn, fakeXhr, FakeServer, file, until } from './fakes'
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

test('what the server gave up while it was sent is begun again by itself, and not for ever', async () => {
  let givenUp = 0
  const { sign } = server.api
  server.api.sign = async (id, parts, signal) => {
    if (givenUp === 2) return sign(id, parts, signal)
    givenUp += 1
    server.uploads.delete(id)
    await server.api.detail(id, signal)
    return []
  }
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('short', 'short'), path: 'short' }])
  await until(engine, allDone)
  expect([givenUp, stored('short')]).toEqual([2, 'short'])

  givenUp = -100
  const other = engineOn(server)
  other.add('home', '', [{ file: file('other', 'other'), path: 'other' }])
  await until(other, (items) => items[0]?.state.kind === 'failed')
  expect(givenUp).toBe(-96)
})

function doneOf(items: readonly UploadItem[]): number {
  return items.filter(({ state }) => state.kind === 'done').length
}

/** A server that calls files otherwise than they were called. */
function renaming(): void {
  const { begin } = server.api
  server.api.begin = (form, signal) => begin({ ...form, path: form.path.replaceAll(':', '_') }, signal)
}

test.each([true, false])('a file that the server calls otherwise goes on when it is chosen again, where that is known: %s', async (renames) => {
  renaming()
  server.trouble = (_, part) => (part > 3 ? 403 : undefined)
  const before = engineOn(server)
  before.add('', '', [{ file: file('12:30.txt', TEXT), path: '12:30.txt' }])
  await until(before, (items) => items[0]?.state.kind === 'failed')

  server.trouble = () => undefined
  const after = engineOn(server, undefined, { renames })
  await after.restore()
  // One of another kind is another file.
  after.add('', '', ['12:30.pdf', '12:30.txt'].map((path) => ({ file: file(path, TEXT), path })))
  const items = await until(after, (shown) => doneOf(shown) === 2)
  expect(items).toHaveLength(renames ? 2 : 3)
})

test('of two that are alike neither is guessed', async () => {
  renaming()
  server.trouble = () => 403
  const before = engineOn(server)
  before.add('', '', [1, 2].map((n) => ({ file: file(`${n}:.txt`, TEXT), path: `${n}:.txt` })))
  await until(before, (items) => items.length === 2 && items.every(({ state }) => state.kind === 'failed'))
  server.trouble = () => undefined
  const after = engineOn(server, undefined, { renames: true })
  await after.restore()
  after.add('', '', [{ file: file('3:.txt', TEXT), path: '3:.txt' }])
  expect(await until(after, (shown) => doneOf(shown) === 1)).toHaveLength(3)
})

test('no more is begun than may be under way at once', async () => {
  const silent: (() => void)[] = []
  let answers = false
  const { sign } = server.api
  server.api.sign = async (id, parts, signal) => {
    if (!answers) await new Promise<void>((answer) => silent.push(answer))
    return sign(id, parts, signal)
  }
  const engine = engineOn(server, undefined, { workAtOnce: 2 })
  engine.add('', '', [1, 2, 3, 4, 5].map((n) => ({ file: file(`${n}`, 'x'), path: `${n}` })))
  await until(engine, (items) => items.filter(({ state }) => state.kind === 'uploading').length === 2)
  expect(server.uploads.size).toBe(2)
  answers = true
  for (const answer of silent) answer()
  await until(engine, allDone)
})
