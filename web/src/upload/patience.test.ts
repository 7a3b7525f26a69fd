import { expect, test } from 'vitest'
import { parseProblem, unreachable } from '../api/problem'
import { UnreadableFile } from './hashing'
import { backOff, judge } from './patience'
import { TransferError } from './transfer'

test.each([
  [new TransferError(0), 0, 'wait'],
  [new TransferError(503), 0, 'wait'],
  [new TransferError(403), 0, 'again'],
  [new TransferError(403), 3, 'stop'],
  [new TransferError(403, 'QuotaExceeded'), 0, 'stop'],
  [new TransferError(400), 0, 'stop'],
  [unreachable(undefined), 5, 'wait'],
  [parseProblem(429, {}), 0, 'wait'],
  [parseProblem(403, { code: 'access-denied' }), 0, 'stop'],
  [new UnreadableFile('gone'), 0, 'stop'],
  [new TransferError(0), 10, 'stop'],
])('%o after %i failures: %s', (error, failures, verdict) => {
  expect(judge(error, failures)).toBe(verdict)
})

test('waits double from 0.2 to 30 seconds, never longer', () => {
  expect(backOff(0, 0)).toBe(200)
  expect(backOff(3, 1)).toBe(3200)
  expect(backOff(20, 1)).toBe(30_000)
})
