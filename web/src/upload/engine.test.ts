import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { allDone, engineOn, fakeXhr, FakeServer, file, newDatabase, until } from './fakes'
import { variantOf, type UploadItem } from './items'
import { InAnotherTab } from './locks'
import { browserRecords } from './records'

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

test('a file arrives whole, and its checksum is the one that the store verified', async () => {
  const engine = engineOn(server)
  engine.add('home', 'a/', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [item] = await until(engine, allDone)
  expect(stored('a/fox.txt')).toBe(TEXT)
  expect(item?.sent).toBe(TEXT.length)
  expect(server.uploads.size).toBe(0)
})

test('an empty file is one empty part', async () => {
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('empty', ''), path: 'empty' }])
  await until(engine, allDone)
  expect(server.files.get('empty')).toHaveLength(0)
})

test('a connection that breaks at every third part does not matter', async () => {
  server.trouble = (put) => (put % 3 === 0 ? 0 : undefined)
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
})

test('a part that the store took is not sent again when its answer was lost', async () => {
  server.lost = (put) => put % 2 === 0
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
  expect(server.puts).toBe(Math.ceil(TEXT.length / 10))
})

test('a link that has expired is signed again', async () => {
  server.trouble = (put) => (put === 1 ? 403 : undefined)
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('short', 'short'), path: 'short' }])
  await until(engine, allDone)
  expect(server.signed).toEqual([1, 1])
})

test('a store that keeps refusing fails the upload, and Retry continues it', async () => {
  server.trouble = (_, part) => (part === 2 ? 403 : undefined)
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [failed] = await until(engine, is('failed'))
  server.trouble = () => undefined
  engine.resume(failed?.key ?? '')
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
})

test('after a reload only the parts that the server lacks are sent', async () => {
  const database = newDatabase()
  server.trouble = (_, part) => (part > 3 ? 403 : undefined)
  const before = engineOn(server, database)
  before.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(before, is('failed'))
  const [interrupted] = server.uploads.values()
  const have = new Set(interrupted?.parts.keys())
  expect(have.size).toBeGreaterThan(0)

  server.trouble = () => undefined
  server.signed.length = 0
  const after = engineOn(server, database)
  await after.restore()
  const [item] = await until(after, is('needs-file'))
  after.supply(item?.key ?? '', file('fox.txt', TEXT))
  await until(after, allDone)
  expect(server.signed.filter((n) => have.has(n))).toEqual([])
  expect(stored('fox.txt')).toBe(TEXT)
  expect(await browserRecords(database).all()).toEqual([])
})

test('a file that was changed under the same name and size is not mixed with its former self', async () => {
  const database = newDatabase()
  server.trouble = (_, part) => (part > 3 ? 403 : undefined)
  const before = engineOn(server, database)
  before.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(before, is('failed'))

  server.trouble = () => undefined
  const after = engineOn(server, database)
  await after.restore()
  await until(after, is('needs-file'))
  const changed = TEXT.replace('quick', 'QUICK')
  // Dropped into the same folder again: it is recognised as the interrupted one.
  after.add('home', '', [{ file: file('fox.txt', changed), path: 'fox.txt' }])
  await until(after, allDone)
  expect(stored('fox.txt')).toBe(changed)
})

test('a file of another size is not taken for the interrupted one', async () => {
  server.trouble = () => 403
  const before = engineOn(server)
  before.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(before, is('failed'))
  const after = engineOn(server)
  await after.restore()
  const [item] = await until(after, is('needs-file'))
  after.supply(item?.key ?? '', file('fox.txt', 'another'))
  const [asked] = await until(after, (items) => items[0]?.state.kind === 'needs-file' && items[0].state.different)
  expect(asked?.state.kind).toBe('needs-file')
})

test('pause stops at once, and resume goes on from there', async () => {
  const engine = engineOn(server)
  server.trouble = (put) => {
    if (put === 2) engine.pause(engine.getSnapshot()[0]?.key ?? '')
    return undefined
  }
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(engine, (items) => items.length === 1)
  const [first] = engine.getSnapshot()
  engine.pause(first?.key ?? '')
  engine.resume(first?.key ?? '')
  await until(engine, allDone)
  expect(stored('fox.txt')).toBe(TEXT)
})

test('one answer to all conflicts of a batch replaces them all, and skipping touches nothing', async () => {
  for (const name of ['a', 'b', 'c']) server.files.set(name, new Uint8Array([1]))
  const engine = engineOn(server)
  const picked = ['a', 'b', 'c'].map((name) => ({ file: file(name, name), path: name }))
  engine.add('home', '', picked)
  const [asked] = await until(engine, (items) => items.filter((i) => i.state.kind === 'conflict').length === 3)
  expect(server.puts).toBe(0)
  engine.answer(asked?.key ?? '', 'replace', true)
  await until(engine, allDone)
  expect(stored('b')).toBe('b')

  engine.add('home', '', [{ file: file('a', 'new'), path: 'a' }])
  const again = await until(engine, (items) => items.some((i) => i.state.kind === 'conflict'))
  engine.answer(again.find((i) => i.state.kind === 'conflict')?.key ?? '', 'skip', false)
  await until(engine, allDone)
  expect(stored('a')).toBe('a')
})

test('cancelling tells the server to drop what it has', async () => {
  server.trouble = () => 403
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [item] = await until(engine, is('failed'))
  await engine.cancel(item?.key ?? '')
  await until(engine, (items) => items.length === 0)
  expect(server.uploads.size).toBe(0)
})

test('an upload that is cancelled while it is being begun is not left behind at the server', async () => {
  const waiting: (() => void)[] = []
  const begin: typeof server.api.begin = async (form, signal) => {
    const upload = await server.api.begin(form, signal)
    await new Promise<void>((done) => waiting.push(done))
    signal.throwIfAborted()
    return upload
  }
  const engine = engineOn(server, newDatabase(), { api: { ...server.api, begin } })
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [item] = await until(engine, (items) => items.length === 1)
  expect(server.uploads.size).toBe(1)
  const cancelled = engine.cancel(item?.key ?? '')
  for (const begun of waiting) begun()
  await cancelled
  expect(server.uploads.size).toBe(0)
  expect(server.puts).toBe(0)
})

test('two tabs do not send the same upload', async () => {
  const engine = engineOn(server, newDatabase(), { exclusively: () => Promise.reject(new InAnotherTab('busy')) })
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [item] = await until(engine, is('failed'))
  expect(item?.state).toMatchObject({ error: { name: 'InAnotherTab' } })
  expect(server.puts).toBe(0)
})

test('two hundred files arrive with at most six transfers at once and few redraws', async () => {
  const engine = engineOn(server)
  let redraws = 0
  engine.subscribe(() => (redraws += 1))
  const picked = Array.from({ length: 200 }, (_, i) => ({ file: file(`${i}.txt`, `content of ${i}`), path: `${i}.txt` }))
  engine.add('home', 'letters/', picked)
  await until(engine, (items) => items.length === 200 && allDone(items))
  expect(server.files.size).toBe(200)
  expect(server.atOnceMax).toBeLessThanOrEqual(6)
  expect(redraws).toBeLessThan(100)
})

test('a stalled transfer is broken off and sent again', async () => {
  vi.useFakeTimers()
  try {
    const Working = fakeXhr(server)
    let silent = true
    vi.stubGlobal(
      'XMLHttpRequest',
      class extends Working {
        send(blob: Blob): void {
          const answering = Reflect.get(Working.prototype, 'send')
          if (silent) silent = false
          else Reflect.apply(answering, this, [blob])
        }
      },
    )
    const engine = engineOn(server)
    const finished = new Promise<void>((done) => engine.onCompleted(() => done()))
    engine.add('home', '', [{ file: file('short', 'short'), path: 'short' }])
    await vi.advanceTimersByTimeAsync(40_000)
    await finished
    expect(stored('short')).toBe('short')
    expect(server.signed).toEqual([1, 1])
  } finally {
    vi.useRealTimers()
  }
})

test('what is there already, byte for byte, is not sent again, and leaves no upload behind', async () => {
  server.files.set('fox.txt', new TextEncoder().encode(TEXT))
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [item] = await until(engine, allDone)
  expect(item?.state).toMatchObject({ kind: 'done', already: true })
  expect(server.puts).toBe(0)
  expect(server.uploads.size).toBe(0)
})

test('a file of the same size with another content is asked about', async () => {
  server.files.set('fox.txt', new TextEncoder().encode(TEXT.replace('quick', 'quack')))
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  await until(engine, is('conflict'))
  expect(server.puts).toBe(0)
})

test('keeping both takes the next name that is free, and touches none of the others', async () => {
  for (const name of ['a/fox.txt', 'a/fox (2).txt']) server.files.set(name, new Uint8Array([1]))
  const engine = engineOn(server)
  engine.add('home', 'a/', [{ file: file('fox.txt', TEXT), path: 'fox.txt' }])
  const [asked] = await until(engine, is('conflict'))
  engine.answer(asked?.key ?? '', 'keep-both', false)
  const [item] = await until(engine, allDone)
  expect(item?.path).toBe('a/fox (3).txt')
  expect(stored('a/fox (3).txt')).toBe(TEXT)
  expect(stored('a/fox (2).txt')).toBe('\u0001')
})

test.each([
  ['a/report.pdf', 'a/report (2).pdf'],
  ['Makefile', 'Makefile (2)'],
  ['.profile', '.profile (2)'],
  ['a.b/c', 'a.b/c (2)'],
  ['x.tar.gz', 'x.tar (2).gz'],
])('beside %s stands %s', (path, variant) => {
  expect(variantOf(path, 2)).toBe(variant)
})

test('all are paused, go on, and are cancelled together', async () => {
  const engine = engineOn(server)
  const picked = Array.from({ length: 40 }, (_, i) => ({ file: file(`${i}.txt`, `content of ${i}`), path: `${i}.txt` }))
  let paused = false
  server.trouble = (put) => {
    if (put === 5 && !paused) {
      paused = true
      engine.pauseAll()
    }
    return undefined
  }
  engine.add('home', '', picked)
  await until(engine, (items) => items.length === 40 && items.some((i) => i.state.kind === 'paused') && !engine.busy)
  const puts = server.puts
  expect(puts).toBeLessThan(40)
  engine.resumeAll()
  await until(engine, allDone)
  expect(server.files.size).toBe(40)

  server.trouble = () => 403
  engine.add('home', 'again/', picked)
  await until(engine, (items) => items.some((i) => i.state.kind === 'failed'))
  await engine.cancelAll()
  const left = await until(engine, (items) => items.every((i) => i.state.kind === 'done'))
  expect(left).toHaveLength(40)
  expect(server.uploads.size).toBe(0)
})

test('ten thousand files in one drop are counted and summed, and drawn a few times', async () => {
  const engine = engineOn(server, newDatabase(), { put: () => new Promise(() => undefined) })
  const same = file('x', 'x')
  let redraws = 0
  engine.subscribe(() => (redraws += 1))
  engine.add('home', 'many/', Array.from({ length: 10_000 }, (_, i) => ({ file: same, path: `${i}.txt` })))
  await until(engine, (items) => items.length === 10_000)
  expect(engine.getTotals()).toMatchObject({ busy: 10_000, done: 0, sent: 0, size: 10_000 })
  expect(redraws).toBeLessThan(20)
  engine.reset()
})
