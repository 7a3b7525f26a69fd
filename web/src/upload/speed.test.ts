import { expect, test } from 'vitest'
import { m } from '../i18n/messages'
import { Speedometer } from './speed'

const KB = 1_000

test('a speed is told when half a second has passed, and not from the first bytes', () => {
  const speed = new Speedometer()
  expect(speed.note(0, 10_000)).toBe(0)
  expect(speed.note(900 * KB, 10_400)).toBe(0)
  expect(speed.note(1_000 * KB, 10_500)).toBe(2_000 * KB)
})

test('only the last eight seconds count', () => {
  const speed = new Speedometer()
  for (let second = 0; second <= 20; second += 1) speed.note(second * 1_000 * KB, second * 1_000)
  let told = 0
  for (let second = 21; second <= 30; second += 1) told = speed.note(20_000 * KB + (second - 20) * 100 * KB, second * 1_000)
  expect(told).toBe(100 * KB)
})

test('what is taken back, because it has to be sent again, is no speed below nothing', () => {
  const speed = new Speedometer()
  speed.note(500 * KB, 0)
  expect(speed.note(100 * KB, 2_000)).toBe(0)
  expect(speed.note(2_500 * KB, 4_000)).toBe(500 * KB)
})

test.each([
  [0, '1 MB of 5 MB'],
  [1_000_000, '4 s left'],
  [50_000, '2 min left'],
  [1_000, '1.1 h left'],
])('at %i bytes a second it says “%s”', (speed, said) => {
  expect(m.uploads.summary(1_000_000, 5_000_000, speed)).toContain(said)
  expect(m.uploads.uploading(1_000_000, 5_000_000, speed)).toContain(said)
  expect(m.uploads.summary(1_000_000, 5_000_000, 0)).not.toContain('left')
})
