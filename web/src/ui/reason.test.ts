import { expect, test } from 'vitest'
import { placeOf, uidOf } from './reason'

test('an ARN names a place in the store', () => {
  expect(placeOf('arn:aws:s3:::files/shared/a')).toEqual({ bucket: 'files', key: 'shared/a' })
  expect(placeOf('files/shared/')).toEqual({ bucket: 'files', key: 'shared/' })
  expect(placeOf('arn:aws-cn:s3:::files')).toEqual({ bucket: 'files', key: '' })
  expect(placeOf('arn:aws:s3:::*')).toEqual({ bucket: '', key: '' })
})

test('a role session of a person names its uid, and no other does', () => {
  expect(uidOf('arn:aws:sts::000000000000:assumed-role/S3AccessRole/u-01arz3ndektsv4rrffq69g5fav-01arz3ndektsv4rrffq69g5faw')).toBe('01arz3ndektsv4rrffq69g5fav')
  expect(uidOf('arn:aws:sts::000000000000:assumed-role/EC2UploadRole/i-0123456789')).toBeUndefined()
  expect(uidOf('anonymous')).toBeUndefined()
})
