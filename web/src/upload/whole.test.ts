import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import { allDone, engineOn, fakeXhr, FakeServer, file, until } from './fakes'
import { WholeSigner } from './whole'

let server: FakeServer

beforeEach(() => {
  server = new FakeServer()
  vi.stubGlobal('XMLHttpRequest', fakeXhr(server))
})

function stored(path: string): string {
  return new TextDecoder().decode(server.files.get(path))
}

test('small files where nothing is known to be go in one request each, and are signed together', async () => {
  const engine = engineOn(server)
  const picked = Array.from({ length: 40 }, (_, i) => ({ file: file(`${i}.txt`, `content of ${i}`), path: `${i}.txt` }))
  engine.add('home', 'new/', picked, () => true)
  await until(engine, (items) => items.length === 40 && items.every((item) => item.state.kind === 'done'))
  expect(server.puts).toBe(40)
  expect(server.signed).toEqual([])
  expect(server.uploads.size).toBe(0)
  expect(server.batches.length).toBeLessThanOrEqual(6)
  expect(server.atOnceMax).toBeLessThanOrEqual(6)
  expect(stored('new/7.txt')).toBe('content of 7')

  // The same again, before any listing can have them: what arrived is known, and compared before a byte moves.
  engine.clearFinished()
  engine.add('home', 'new/', picked.slice(0, 3), () => true)
  await until(engine, (items) => items.length === 3 && items.every((item) => item.state.kind === 'done'))
  expect(server.puts).toBe(40)
})

test('while enough that is signed waits to be sent, the next are gathered and asked for together', async () => {
  const asked: number[] = []
  const signWhole = async (_: string, files: readonly unknown[]) => {
    asked.push(files.length)
    return files.map((_file, i) => ({ n: i + 1, url: 'http://store/', headers: {} }))
  }
  const signer = new WholeSigner({ signWhole })
  const sign = (n: number) => Promise.all(Array.from({ length: n }, (_, i) => signer.sign('home', { path: `${i}`, size: 1, content_type: '', crc: '' })))
  await sign(8)
  expect(asked).toEqual([8])
  const more = sign(3)
  await new Promise((done) => setTimeout(done, 20))
  expect(asked, 'eight wait').toEqual([8])
  for (let n = 0; n < 3; n += 1) signer.begun()
  await more
  expect(asked).toEqual([8, 3])
})

test('a small file that meets another after all is asked about, and one whose answer was lost is recognised', async () => {
  server.files.set('a.txt', new TextEncoder().encode('theirs'))
  const engine = engineOn(server)
  engine.add('home', '', [{ file: file('a.txt', 'mine'), path: 'a.txt' }], () => true)
  const [asked] = await until(engine, (items) => items[0]?.state.kind === 'conflict')
  expect(stored('a.txt')).toBe('theirs')
  engine.answer(asked?.key ?? '', 'replace', false)
  await until(engine, allDone)
  expect(stored('a.txt')).toBe('mine')

  server.lost = (put) => put === server.puts
  const other = engineOn(server)
  other.add('home', '', [{ file: file('b.txt', 'once'), path: 'b.txt' }], () => true)
  const [item] = await until(other, allDone)
  expect(item?.state).toMatchObject({ kind: 'done', already: true })
  expect(stored('b.txt')).toBe('once')
})
