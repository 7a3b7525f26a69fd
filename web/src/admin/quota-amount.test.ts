import { expect, test } from 'vitest'
import { amountOf } from './quota-amount'

test('sizes have units, and one limit is enough', () => {
  expect(amountOf('10 GB', '')).toEqual({ limit_bytes: 10_000_000_000, limit_objects: null })
  expect(amountOf('1,5GiB', ' 12 ')).toEqual({ limit_bytes: 1_610_612_736, limit_objects: 12 })
  expect(amountOf('0', '')).toEqual({ limit_bytes: 0, limit_objects: null })
  for (const [size, files] of [['', ''], ['ten', ''], ['1 XB', ''], ['-1', ''], ['', '1.5'], ['9999999 TB', '']] as const) {
    expect(amountOf(size, files), `${size} ${files}`).toBeNull()
  }
})
