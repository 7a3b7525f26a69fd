import { expect, test } from 'vitest'
import { parseProblem } from '../api/problem'
import type { UploadItem } from '../upload/items'
import { isHopeless } from './lines'

/** An upload that failed so. */
function failed(error: unknown): Pick<UploadItem, 'state'> {
  return { state: { kind: 'failed', error } }
}

test('what is wrong with the file itself is not sent again', () => {
  for (const code of ['request-kind-refused', 'request-name-invalid', 'request-file-too-large']) {
    expect(isHopeless(failed(parseProblem(400, { code }))), code).toBe(true)
  }
  for (const code of ['request-full', 'request-sender-full', 'request-unavailable', 'checksum-mismatch']) {
    expect(isHopeless(failed(parseProblem(409, { code }))), code).toBe(false)
  }
  expect(isHopeless(failed(new Error('x')))).toBe(false)
  expect(isHopeless({ state: { kind: 'queued' } })).toBe(false)
})
