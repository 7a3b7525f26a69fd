/** What an address says is searched for, and how results are cut. */
import { describe, expect, test } from 'vitest'
import { againIn } from '../api/search'
import type { SearchResult } from '../api/types'
import { askedOf, hitOf, soughtIn } from './searching'

function result(path: string, matched: SearchResult['matched']): SearchResult {
  return { location: 'l', path, kind: 'text', size: 1, modified: '2026-01-01T00:00:00Z', matched, scan: null }
}

describe('an address', () => {
  test('says what is searched for, and what it cannot say is left out', () => {
    expect(soughtIn({ q: 2026, kind: 'image', size: 1_000_000, since: '2026-01-31' })).toEqual({ q: '2026', kind: 'image', size: 1_000_000, since: '2026-01-31' })
    expect(soughtIn({ q: ['a'], kind: 'nothing', size: 3, since: 'yesterday', path: 'a/' })).toEqual({})
  })
  test('asks for whole days', () => {
    const asked = askedOf({ q: 'a', since: '2026-01-31', until: '2026-01-31' })
    const [from = '', to = ''] = [asked.modified_after, asked.modified_before]
    expect(Date.parse(to) - Date.parse(from)).toBe(86_400_000)
  })
})

describe('an answer that is not complete', () => {
  test('is asked for again, later each time, and at last no more', () => {
    expect([1, 2, 3, 5, 6, 8, 100].map(againIn)).toEqual([3_000, 6_000, 12_000, 48_000, 48_000, false, false])
  })
})

describe('a result', () => {
  test('is cut into what matched and what did not, in its name alone', () => {
    const hit = hitOf(result('2026/🎉 report.pdf', [{ start: 0, end: 4 }, { start: 7, end: 13 }]), [])
    expect(hit).toMatchObject({ folder: '2026/', name: '🎉 report.pdf' })
    expect(hit.pieces).toEqual([
      { at: 5, text: '🎉 ', matched: false },
      { at: 7, text: 'report', matched: true },
      { at: 13, text: '.pdf', matched: false },
    ])
  })
  test('may be a folder', () => {
    const hit = hitOf(result('a/plans/', [{ start: 2, end: 6 }]), [])
    expect(hit).toMatchObject({ folder: 'a/', name: 'plans', pieces: [{ at: 2, text: 'plan', matched: true }, { at: 6, text: 's', matched: false }] })
  })
})
