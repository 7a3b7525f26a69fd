/** Moments in addresses and in fields. */
import { expect, test } from 'vitest'
import { momentAsked, toLocal, toMoment, yesterday } from './moment'

test('what a field holds and the address mean one moment, to the second', () => {
  for (const moment of ['2026-11-01T10:00:00Z', '2026-03-29T01:30:17Z', '2026-10-25T00:30:00Z']) {
    expect(toMoment(toLocal(moment))).toBe(moment)
  }
  expect(toLocal('2026-11-01T10:00:00Z')).toHaveLength(16)
  expect(toLocal('2026-11-01T10:00:07Z')).toHaveLength(19)
  expect(toMoment('')).toBeUndefined()
  expect(toMoment('soon')).toBeUndefined()
  expect(toLocal('soon')).toBe('')
})

test('one begins a day before now', () => {
  const now = Date.parse('2026-11-02T10:20:30Z')
  expect(toMoment(yesterday(now))).toBe('2026-11-01T10:20:00Z')
})

test('an address holds a moment or none', () => {
  expect(momentAsked({ at: '2026-11-01T10:00:00Z' })).toEqual({ at: '2026-11-01T10:00:00Z' })
  expect(momentAsked({ at: 'x' })).toEqual({})
  expect(momentAsked({ at: 2026 })).toEqual({})
  expect(momentAsked({})).toEqual({})
})
