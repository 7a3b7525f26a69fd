import { expect, test } from 'vitest'
import type { ActivityEntry } from '../api/types'
import { askedOf, folderOf, isNothing, nameOf, people } from './chosen'

function by(kind: ActivityEntry['by']['kind'], name: string | null): ActivityEntry {
  const at = '2026-01-01T00:00:00Z'
  return { id: '1', kind: 'added', from: at, at, by: { kind, name }, location: 'l', folder: '', names: ['a'], count: 1 }
}

test('a day is asked for from its beginning to its end', () => {
  const asked = askedOf({ from: '2026-03-01', until: '2026-03-01' })
  expect(Date.parse(asked.until ?? '') - Date.parse(asked.since ?? '')).toBe(24 * 3_600_000)
  expect(askedOf({ from: '', until: 'soon' })).toEqual({ kind: undefined, person: undefined, since: undefined, until: undefined })
})

test('nothing is chosen until something is', () => {
  expect(isNothing({ kind: undefined, from: '' })).toBe(true)
  expect(isNothing({ kind: 'added' })).toBe(false)
})

test('people are named once each, by name, and whoever was chosen stays', () => {
  const entries = [by('person', 'Zoe'), by('person', 'Ada'), by('person', 'Zoe'), by('person', null), by('machine', 'i-1'), by('rule', null)]
  expect(people(entries)).toEqual(['Ada', 'Zoe'])
  expect(people([], 'Ada')).toEqual(['Ada'])
})

test('a path has a name and a folder', () => {
  expect(['a/b.txt', 'a/b/', 'c', ''].map((path) => [nameOf(path), folderOf(path)])).toEqual([
    ['b.txt', 'a/'],
    ['b', 'a/b/'],
    ['c', ''],
    ['', ''],
  ])
})
