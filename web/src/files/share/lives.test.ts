/** What lives of links are offered, and what numbers are taken. */
import { describe, expect, it } from 'vitest'
import { ENDLESS, lives, timesOf } from './lives'

const values = (max: number | null): string[] => lives(max).map(({ value }) => value)

describe('lives', () => {
  it('offers no end where the house lets links live so long', () => {
    expect(values(null)).toEqual(['1', '7', '30', '90', '365', ENDLESS])
  })

  it('offers no more than the house lets links live, and exactly that much', () => {
    expect(values(14)).toEqual(['1', '7', '14'])
    expect(values(7)).toEqual(['1', '7'])
    expect(values(1)).toEqual(['1'])
  })
})

describe('timesOf', () => {
  it('takes whole numbers from one on, and nothing', () => {
    expect(['', ' ', '1', ' 20 ', '1000000'].map(timesOf)).toEqual([null, null, 1, 20, 1_000_000])
    expect(['0', '-1', '1.5', 'x', '1000001', '1e400'].map(timesOf)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined])
  })
})
