import { expect, test } from 'vitest'
import { keyOf, uidOf } from './reason'

test('an ARN names a key, or none', () => {
  expect(keyOf('arn:aws:s3:::files/shared/a')).toBe('shared/a')
  expect(keyOf('files/shared/')).toBe('shared/')
  expect(keyOf('arn:aws:s3:::files')).toBe('')
})

test('a role session of a person names its uid, and no other does', () => {
  expect(uidOf('arn:aws:sts::000000000000:assumed-role/S3AccessRole/u-01arz3ndektsv4rrffq69g5fav-01arz3ndektsv4rrffq69g5faw')).toBe('01arz3ndektsv4rrffq69g5fav')
  expect(uidOf('arn:aws:sts::000000000000:assumed-role/EC2UploadRole/i-0123456789')).toBeUndefined()
  expect(uidOf('anonymous')).toBeUndefined()
})
