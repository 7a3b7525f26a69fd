import { expect, test } from 'vitest'
import { parseProblem, unreachable } from '../api/problem'
import { UnreadableFile } from './hashing'
import { backOff, judge, persist } from './patience'
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
  [new TransferError(0), 199, 'wait'],
  [new TransferError(0), 200, 'stop'],
  [new TransferError(503), 10, 'stop'],
  [new TransferError(400, 'ExpiredToken'), 0, 'again'],
  [new TransferError(400, 'InvalidToken'), 2, 'again'],
  [new TransferError(400, 'InvalidToken'), 3, 'stop'],
  [new TransferError(400, 'RequestTimeout'), 0, 'wait'],
  [new TransferError(400, 'BadDigest'), 0, 'stop'],
])('%o after %i failures: %s', (error, failures, verdict) => {
  expect(judge(error, failures)).toBe(verdict)
})

test('waits double from 0.2 to 30 seconds, never longer', () => {
  expect(backOff(0, 0)).toBe(200)
  expect(backOff(3, 1)).toBe(3200)
  expect(backOff(20, 1)).toBe(30_000)
})

test('a link that ends after many breaks is signed again: each kind of failure is counted by itself', async () => {
  const errors = [...Array.from({ length: 9 }, () => new TransferError(0)), new TransferError(403), new TransferError(0)]
  const attempt = async (): Promise<string> => {
    const error = errors.shift()
    if (error !== undefined) throw error
    return 'done'
  }
  const patience = { random: () => 0, sleep: () => Promise.resolve(), online: () => Promise.resolve() }
  await expect(persist(attempt, patience, new AbortController().signal, () => undefined)).resolves.toBe('done')
})
