import { beforeEach, expect, test, vi } from 'vitest'
import { Kept, keepFor } from './kept'

let storage: Map<string, string>

beforeEach(() => {
  storage = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: string) => void storage.set(key, value),
  })
  keepFor(undefined)
})

test('what one person keeps, another does not see', () => {
  const compact = new Kept('compact', (raw) => raw === true)
  keepFor('ada')
  compact.set(true)
  keepFor('bob')
  expect(compact.get()).toBe(false)
  keepFor('ada')
  expect(compact.get()).toBe(true)
})

test('for nobody nothing is written', () => {
  const compact = new Kept('compact-for-nobody', (raw) => raw === true)
  compact.set(true)
  expect(compact.get()).toBe(true)
  expect([...storage.keys()]).toEqual([])
})

test('what cannot be read, and a storage that refuses, are as if nothing was kept', () => {
  const compact = new Kept('compact-broken', (raw) => raw === true)
  keepFor('ada')
  storage.set('ada:compact-broken', '{')
  expect(compact.get()).toBe(false)
  vi.stubGlobal('localStorage', {
    getItem: () => {
      throw new Error('no')
    },
    setItem: () => {
      throw new Error('full')
    },
  })
  keepFor('bob')
  compact.set(true)
  expect(compact.get()).toBe(true)
})
