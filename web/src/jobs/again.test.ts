import { expect, test } from 'vitest'
import type { JobDetail } from '../api/types'
import { again, lastOf } from './again'

function job(paths: string[], to: JobDetail['to'], failed: string[]): JobDetail {
  return {
    id: 'j', kind: 'move', location: 'l', paths, to, conflict: 'fail', undoes: null, at: null, delete_newer: false, unchanged: 0, status: 'done', cancelling: false, reason: null,
    total: 3, done: 0, skipped: 0, failed: failed.length, created: '', updated: '',
    next: null,
    path_count: 1,
    failures: failed.map((path) => ({ path, code: 'file-exists', detail: '' })),
  }
}

test('what was there is brought once more to the folder that it belongs in', () => {
  const to = { location: 'm', folder: 'x/', name: null }
  expect(again(job(['a/b/', 'c'], to, ['a/b/d/e', 'a/b/f', 'c']), 'replace')).toEqual([
    { kind: 'move', location: 'l', paths: ['a/b/d/e'], conflict: 'replace', to: { location: 'm', folder: 'x/b/d/' } },
    { kind: 'move', location: 'l', paths: ['a/b/f'], conflict: 'replace', to: { location: 'm', folder: 'x/b/' } },
    { kind: 'move', location: 'l', paths: ['c'], conflict: 'replace', to: { location: 'm', folder: 'x/' } },
  ])
})

test('a new name stays the new name', () => {
  const to = { location: 'm', folder: '', name: 'n' }
  expect(again(job(['a'], to, ['a']), 'keep-both')[0]?.to).toEqual({ location: 'm', folder: '', name: 'n' })
  expect(again(job(['a/'], to, ['a/b']), 'keep-both')[0]?.to).toEqual({ location: 'm', folder: 'n/' })
})

test('the last segment keeps the slash of a folder', () => {
  expect(['a/b/', 'a/c', 'c', 'b/'].map(lastOf)).toEqual(['b/', 'c', 'c', 'b/'])
})
