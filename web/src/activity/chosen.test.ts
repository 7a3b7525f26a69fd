import { expect, test } from 'vitest'
import type { ActivityEntry } from '../api/types'
import { askedOf, folderOf, isNothing, nameOf, people } from './chosen'

function by(person: string | null, name: string | null): ActivityEntry {
  const at = '2026-01-01T00:00:00Z'
  return { id: '1', kind: 'added', from: at, at, by: { kind: person === null ? 'rule' : 'person', person, name }, location: 'l', folder: '', names: ['a'], count: 1 }
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

test('people are named once each, by name', () => {
  const found = people([by('2', 'Zoe'), by('1', 'Ada'), by('2', 'Zoe'), by('3', null), by(null, null)])
  expect([...found]).toEqual([
    ['1', 'Ada'],
    ['2', 'Zoe'],
  ])
})

test('a path has a name and a folder', () => {
  expect(['a/b.txt', 'a/b/', 'c', ''].map((path) => [nameOf(path), folderOf(path)])).toEqual([
    ['b.txt', 'a/'],
    ['b', 'a/b/'],
    ['c', ''],
    ['', ''],
  ])
})
