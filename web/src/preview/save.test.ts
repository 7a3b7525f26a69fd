/** Saving: over what was read and nothing else, and beside it where that has changed. */
import { expect, test, vi } from 'vitest'
import { parseProblem } from '../api/problem'
import type { NewUpload } from '../api/types'
import { differing } from './differing'
import { saveCopy, saveText, TooLong, withWords, type Saving } from './save'
import { TEXT_BYTES_MAX } from './text'

function nothing(): never {
  throw new Error('not asked for')
}

function fake(refuse: (form: NewUpload) => string | undefined = () => undefined) {
  const begun: NewUpload[] = []
  const abandoned: string[] = []
  const put = vi.fn<Saving['put']>(() => Promise.resolve())
  const saving: Saving = {
    put,
    checksum: (bytes) => `crc of ${bytes.byteLength}`,
    api: {
      begin: (form) => {
        begun.push(form)
        const code = refuse(form)
        if (code !== undefined) return Promise.reject(parseProblem(409, { code }))
        const { location, path, size } = form
        return Promise.resolve({ id: 'u1', location, path, size, part_size: 8 << 20, part_count: 1, algorithm: 'crc64nvme', status: 'transferring', created: '', last_modified: 0 })
      },
      sign: (_, parts) => Promise.resolve(parts.map(({ n }) => ({ n, url: 'http://store/part', headers: {}, expires: '' }))),
      complete: (_, crc) => Promise.resolve({ path: '', size: 1, etag: 'e2', checksum: crc }),
      abandon: (id) => {
        abandoned.push(id)
        return Promise.resolve()
      },
      unfinished: nothing,
      detail: nothing,
      signWhole: nothing,
    },
  }
  return { saving, begun, abandoned, put }
}

test('a save names the version that was read', async () => {
  const { saving, begun } = fake()
  expect(await saveText({ location: 'l', path: 'a/n.md', etag: 'e1' }, 'grüße', saving)).toBe('e2')
  expect(begun[0]).toMatchObject({ path: 'a/n.md', size: 7, conflict: 'replace', if_match: 'e1', content_type: 'text/markdown; charset=utf-8' })
})

test('without a version nothing is replaced', async () => {
  const { saving, begun } = fake()
  await saveText({ location: 'l', path: 'n.txt' }, 'x', saving)
  expect(begun[0]).toMatchObject({ conflict: 'fail' })
  expect(begun[0]).not.toHaveProperty('if_match')
})

test('what fails on its way is given up, and said', async () => {
  const { saving, abandoned, put } = fake()
  put.mockRejectedValue(new Error('cut off'))
  await expect(saveText({ location: 'l', path: 'n.txt', etag: 'e1' }, 'x', saving)).rejects.toThrow('cut off')
  expect(abandoned).toEqual(['u1'])
  await expect(saveText({ location: 'l', path: 'n.txt' }, 'x'.repeat(TEXT_BYTES_MAX + 1), saving)).rejects.toBeInstanceOf(TooLong)
})

test('a copy takes the first name that is free', async () => {
  const { saving, begun } = fake(({ path }) => (path.includes('1') ? 'file-exists' : undefined))
  expect(await saveCopy({ location: 'l', path: 'a/n.md' }, 'x', saving, (n) => `copy ${n}`)).toBe('n (copy 2).md')
  expect(begun.map(({ path, conflict }) => [path, conflict])).toEqual([['a/n (copy 1).md', 'fail'], ['a/n (copy 2).md', 'fail']])
  const refused = fake(() => 'access-denied')
  await expect(saveCopy({ location: 'l', path: 'n' }, 'x', refused.saving, String)).rejects.toMatchObject({ code: 'access-denied' })
})

test('names keep their extension', () => {
  for (const [name, with_] of [['a.b.md', 'a.b (c).md'], ['README', 'README (c)'], ['.env', '.env (c)']]) expect(withWords(name ?? '', 'c')).toBe(with_)
})

test('two texts are shown from where they part', () => {
  expect(differing('1\n2\n3\n4\n5', '1\n2\n3\nX\n5')).toEqual({ line: 2, theirs: '2\n3\n4\n5', mine: '2\n3\nX\n5' })
  expect(differing('', 'a')).toEqual({ line: 1, theirs: '', mine: 'a' })
})

test('an edited file keeps the type that it had; a new one has that of its name', async () => {
  const { saving, begun } = fake()
  await saveText({ location: 'l', path: 'run.py', etag: 'e1', contentType: 'text/x-python' }, 'x', saving)
  await saveCopy({ location: 'l', path: 'run.py', contentType: 'text/x-python' }, 'x', saving, () => 'copy')
  await saveText({ location: 'l', path: 'run.json', etag: 'e1' }, 'x', saving)
  expect(begun.map(({ content_type }) => content_type)).toEqual(['text/x-python', 'text/x-python', 'application/json'])
  expect(begun[1]?.conflict).toBe('fail')
})
