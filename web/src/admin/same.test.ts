import { expect, test } from 'vitest'
import type { Grant } from '../api/types'
import { same } from './same'

const GRANT: Grant = {
  id: '01arz3ndektsv4rrffq69g5fav',
  subject: { kind: 'person', uid: '01arz3ndektsv4rrffq69g5faw', name: 'bob' },
  role: 'S3AccessRole',
  bucket: 'second-files',
  prefix: 'team/',
  title: 'Team',
  created: '2026-01-01T00:00:00Z',
  given_by: null,
  ends: null,
  ended: false,
}

test('what is given again is given where it was, and until when it was', () => {
  const to = { kind: 'person', uid: '01arz3ndektsv4rrffq69g5faw' }
  const again = { to, role: 'S3AccessRole', bucket: 'second-files', prefix: 'team/', title: 'Team' }
  expect(same(GRANT)).toEqual(again)
  const ends = '2030-01-01T00:00:00Z'
  expect(same({ ...GRANT, subject: { kind: 'everyone' }, ends })).toEqual({ ...again, to: { kind: 'everyone' }, ends })
})
