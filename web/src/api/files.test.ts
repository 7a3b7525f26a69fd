import { expect, test } from 'vitest'
import { grown, type Listing } from './files'
import type { EntriesPage } from './types'

const right = { decision: 'allowed', principal: '', action: '', resource: '', policy_type: null, policy: null, statement: null, role: '', message: '', near_miss: null } as const
const may = { get: { allowed: true, explanation: right }, put: { allowed: true, explanation: right }, delete: { allowed: true, explanation: right } }

function page(n: number, last: boolean): EntriesPage {
  const entries = Array.from({ length: 1000 }, (_, i) => ({ kind: 'folder' as const, name: `${n}-${i}` }))
  return { path: '', entries, next: last ? null : `after-${n}`, there: true, may }
}

test('a folder of a hundred pages grows in few steps, shows the first page at once, and loses nothing', () => {
  let listing: Listing = { entries: [], pending: [], may: undefined, complete: false }
  let steps = 0
  for (let n = 0; n < 100; n += 1) {
    const before = listing.entries
    listing = grown(listing, page(n, n === 99))
    if (listing.entries !== before) steps += 1
    if (n === 0) expect(listing.entries).toHaveLength(1000)
    expect(listing.entries.length + listing.pending.length).toBe((n + 1) * 1000)
    expect(listing.complete).toBe(n === 99)
  }
  expect(steps).toBeLessThanOrEqual(14)
  expect(new Set(listing.entries.map((entry) => entry.name)).size).toBe(100_000)
})
