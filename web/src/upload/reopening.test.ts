import 'fake-indexeddb/auto'
import { beforeEach, expect, test, vi } from 'vitest'
import type { UploadEngine } from './engine'
import { allDone, engineOn, fakeXhr, FakeServer, file, until } from './fakes'
import type { UploadRecord, UploadRecords } from './records'

const TEXT = 'the quick brown fox jumps over the lazy dog, twice'

let server: FakeServer

beforeEach(() => {
  server = new FakeServer()
  vi.stubGlobal('XMLHttpRequest', fakeXhr(server))
})

/** What a browser keeps; the one of the tests cannot copy the handle of a file. */
function kept(): UploadRecords {
  const records = new Map<string, UploadRecord>()
  return {
    all: async () => [...records.values()],
    keep: async (record) => void records.set(record.id, record),
    forget: async (id) => void records.delete(id),
  }
}

/** The handle of a file on a disk, as Chromium gives it; `ask` is what the person answers. */
function handleOf(read: () => File, ask: () => PermissionState): FileSystemFileHandle {
  const handle = {
    kind: 'file' as const,
    name: 'fox.txt',
    isSameEntry: async () => true,
    getFile: async () => read(),
    createWritable: () => Promise.reject(new Error('only read')),
    createSyncAccessHandle: () => Promise.reject(new Error('only read')),
    requestPermission: async ({ mode }: { mode: 'read' }) => (mode === 'read' ? ask() : 'denied'),
    queryPermission: async () => ask(),
  }
  return handle
}

function gone(): File {
  throw new DOMException('gone', 'NotFoundError')
}

/** An upload that broke off before a reload, and the engine after it. */
async function afterReload(handle: FileSystemFileHandle): Promise<{ engine: UploadEngine; key: string }> {
  const records = kept()
  server.trouble = (_, part) => (part > 3 ? 403 : undefined)
  const before = engineOn(server, undefined, { records })
  before.add('home', '', [{ file: file('fox.txt', TEXT), path: 'fox.txt', handle }])
  await until(before, (items) => items[0]?.state.kind === 'failed')
  server.trouble = () => undefined
  server.signed.length = 0
  const engine = engineOn(server, undefined, { records })
  await engine.restore()
  const [item] = await until(engine, (items) => items[0]?.state.kind === 'needs-file')
  expect(item?.state).toMatchObject({ reopens: true })
  return { engine, key: item?.key ?? '' }
}

test('where the file can be opened again a press of Continue goes on from where it was', async () => {
  const { engine, key } = await afterReload(handleOf(() => file('fox.txt', TEXT), () => 'granted'))
  const [interrupted] = server.uploads.values()
  const have = new Set(interrupted?.parts.keys())
  expect(await engine.reopen(key)).toBe(true)
  await until(engine, allDone)
  expect(new TextDecoder().decode(server.files.get('fox.txt'))).toBe(TEXT)
  expect(server.signed.filter((n) => have.has(n))).toEqual([])
})

test('whoever does not let it be opened, or has moved it, is left to choose it', async () => {
  const refused = await afterReload(handleOf(() => file('fox.txt', TEXT), () => 'denied'))
  expect(await refused.engine.reopen(refused.key)).toBe(false)
  server = new FakeServer()
  vi.stubGlobal('XMLHttpRequest', fakeXhr(server))
  const moved = await afterReload(handleOf(gone, () => 'granted'))
  expect(await moved.engine.reopen(moved.key)).toBe(false)
  moved.engine.supply(moved.key, file('fox.txt', TEXT))
  await until(moved.engine, allDone)
})

test('the file that was opened again is looked at: of another size it is not the same', async () => {
  const { engine, key } = await afterReload(handleOf(() => file('fox.txt', 'shorter'), () => 'granted'))
  await engine.reopen(key)
  const [item] = await until(engine, (items) => items[0]?.state.kind === 'needs-file' && items[0].state.different)
  expect(item?.state).toMatchObject({ different: true })
  expect(server.files.size).toBe(0)
})
