import { QueryClient } from '@tanstack/react-query'
import { beforeEach, expect, test } from 'vitest'
import { listingQuery, type Listing } from './files'
import { forgetChanges, noteArrivals, noteRemoved } from './listings'
import type { Entry } from './types'

beforeEach(forgetChanges)

const folder = (name: string): Entry => ({ kind: 'folder', name })
const file = (name: string): Entry => ({ kind: 'file', name, size: 1, modified: '2026-01-01T00:00:00Z', etag: 'old', scan: null })

function holding(listings: Record<string, Entry[]>): QueryClient {
  const queries = new QueryClient()
  for (const [path, entries] of Object.entries(listings)) {
    queries.setQueryData<Listing>(listingQuery('home', path).queryKey, { entries, pending: [], may: undefined, complete: true })
  }
  return queries
}

function names(queries: QueryClient, path: string): string[] | undefined {
  const listing = queries.getQueryData<Listing>(listingQuery('home', path).queryKey)
  return listing?.entries.map((entry) => `${entry.name}${entry.kind === 'folder' ? '/' : ''}`)
}

const stale = (queries: QueryClient, path: string): boolean => queries.getQueryState(listingQuery('home', path).queryKey)?.isInvalidated === true

test('what arrived is in its folder, and shows as a folder in those above', () => {
  const queries = holding({ '': [folder('a'), file('x')], 'a/': [file('old.txt')], 'b/': [] })
  const arrivals = ['a/new.txt', 'a/old.txt', 'c/d/e.txt'].map((path) => ({ path, size: 7, etag: 'new', at: 1 }))
  expect(noteArrivals(queries, 'home', arrivals)).toEqual([])
  expect(names(queries, '')).toEqual(['a/', 'x', 'c/'])
  expect(names(queries, 'a/')).toEqual(['new.txt', 'old.txt'])
  expect(names(queries, 'b/')).toEqual([])
  expect(stale(queries, '')).toBe(false)
})

test('a file whose version the page was not told is listed anew, and so is a folder that is not wholly known', () => {
  const queries = holding({ '': [], 'a/': [] })
  queries.setQueryData<Listing>(listingQuery('home', 'a/').queryKey, { entries: [], pending: [], may: undefined, complete: false })
  noteArrivals(queries, 'home', [{ path: 'b.txt', size: 1, etag: undefined, at: 1 }])
  expect([stale(queries, ''), stale(queries, 'a/')]).toEqual([true, false])
  noteArrivals(queries, 'home', [{ path: 'a/b.txt', size: 1, etag: 'new', at: 1 }])
  expect(stale(queries, 'a/')).toBe(true)
})

test('an arrival that meets a listing under way is kept for later', async () => {
  const queries = holding({ '': [] })
  const listing = { entries: [file('other')], pending: [], may: undefined, complete: true }
  const fetching = queries.fetchQuery({ queryKey: listingQuery('home', '').queryKey, queryFn: async () => listing, staleTime: 0 })
  const arrival = { path: 'a.txt', size: 1, etag: 'new', at: 1 }
  expect(noteArrivals(queries, 'home', [arrival])).toEqual([arrival])
  await fetching
  expect(noteArrivals(queries, 'home', [arrival])).toEqual([])
  expect(names(queries, '')).toEqual(['other', 'a.txt'])
})

test('what was deleted is gone from its folder, a file apart from the folder of its name, and nothing is asked anew', () => {
  const queries = holding({ '': [folder('a'), file('a'), file('b')], 'a/': [file('x')], 'a/deep/': [file('y')] })
  noteRemoved(queries, 'home', ['a/', 'b'], 1)
  expect(names(queries, '')).toEqual(['a'])
  expect(stale(queries, '')).toBe(false)
  expect(names(queries, 'a/')).toBeUndefined()
  expect(names(queries, 'a/deep/')).toBeUndefined()
})

test('where a deletion and an arrival crossed, the folder is listed anew', () => {
  const queries = holding({ '': [file('a')], 'b/': [] })
  noteArrivals(queries, 'home', [{ path: 'a', size: 1, etag: 'new', at: 10 }])
  noteRemoved(queries, 'home', ['a'], 5, 20)
  expect([stale(queries, ''), stale(queries, 'b/')]).toEqual([true, true])
  const other = holding({ '': [file('a')] })
  noteRemoved(other, 'home', ['a'], 15, 20)
  expect(stale(other, '')).toBe(false)
  noteArrivals(other, 'home', [{ path: 'a', size: 1, etag: 'new', at: 18 }])
  expect(stale(other, '')).toBe(true)
})
