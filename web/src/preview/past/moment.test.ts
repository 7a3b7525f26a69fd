/** Moments in addresses and in fields. */
import { afterAll, expect, test, vi } from 'vitest'
import { meant, momentAsked, toLocal, toMoment, yesterday } from './moment'

vi.stubEnv('TZ', 'Europe/Berlin')
afterAll(() => {
  vi.unstubAllEnvs()
})

test('they are read where the time differs from that of addresses', () => {
  expect(toLocal('2026-11-01T10:00:00Z')).toBe('2026-11-01T11:00')
  expect(toMoment('2026-07-01T12:00')).toBe('2026-07-01T10:00:00Z')
})

test('an hour that comes twice is the one of the address, unless another is chosen', () => {
  for (const at of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']) {
    expect(toLocal(at)).toBe('2026-10-25T02:30')
    expect(meant(toLocal(at), at)).toBe(at)
  }
  expect(meant('2026-10-25T04:30', '2026-10-25T01:30:00Z')).toBe('2026-10-25T03:30:00Z')
  expect(meant('2026-11-01T11:00', undefined)).toBe('2026-11-01T10:00:00Z')
  expect(meant('', undefined)).toBeUndefined()
})

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
