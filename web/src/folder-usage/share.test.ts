import { expect, test } from 'vitest'
import { shareOf } from './share'

test('a share is of hundredths, and of nothing there is none', () => {
  expect([shareOf(1, 3), shareOf(2, 3), shareOf(5, 5), shareOf(0, 7), shareOf(0, 0), shareOf(9, 8)]).toEqual([33, 67, 100, 0, 0, 100])
})
