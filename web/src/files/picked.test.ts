import { expect, test, vi } from 'vitest'
import { fromDrop } from './picked'

const fileEntry = (name: string, readable = true) => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (done: (file: File) => void, fail: (error: Error) => void) => (readable ? done(new File([name], name)) : fail(new DOMException('locked', 'NotReadableError'))),
})

const folderEntry = (name: string, children: readonly object[], readable = true) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => {
    let rest = children
    return {
      readEntries: (done: (some: readonly object[]) => void, fail: (error: Error) => void) => {
        if (!readable) return fail(new DOMException('locked', 'NotReadableError'))
        const some = rest
        rest = []
        done(some)
      },
    }
  },
})

test('what cannot be read is named and the rest is taken; empty folders are told', async () => {
  vi.stubGlobal('FileSystemFileHandle', class {
    readonly kind = 'file'
  })
  const root = folderEntry('trip', [fileEntry('a.jpg'), fileEntry('locked.jpg', false), folderEntry('empty', []), folderEntry('secret', [], false), folderEntry('day 1', [fileEntry('b.jpg')])])
  const item = { kind: 'file', webkitGetAsEntry: () => root, getAsFile: () => null }
  const list: DataTransferItemList = Object.assign(Object.create(null), { [Symbol.iterator]: () => [item][Symbol.iterator]() })
  const { picked, empty, unread } = await fromDrop(list)
  expect(picked.map(({ path }) => path).sort()).toEqual(['trip/a.jpg', 'trip/day 1/b.jpg'])
  expect(empty).toEqual(['trip/empty'])
  expect(unread.sort()).toEqual(['trip/locked.jpg', 'trip/secret'])
})
