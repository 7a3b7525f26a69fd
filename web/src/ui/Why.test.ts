import { expect, test } from 'vitest'
import { speak } from '../i18n/messages'
import { refusalOf } from './Why'

const of = { action: 's3:PutObject', resource: 'arn:aws:s3:::wells/docs/a.pdf', role: 'UploadRole', principal: '', message: '' }

test('a refusal names who, what and where, in each language', async () => {
  const denied = { ...of, decision: 'explicit-deny' as const, policy: 'Boundary', statement: 'NoDocs' }
  const missing = { ...of, decision: 'implicit-deny' as const }
  expect(refusalOf(missing)).toBe('UploadRole does not allow s3:PutObject on wells/docs/a.pdf.')
  expect(refusalOf(denied)).toBe('Statement NoDocs of Boundary forbids s3:PutObject on wells/docs/a.pdf.')
  expect(refusalOf({ ...missing, resource: 'arn:aws-cn:s3:::wells' })).toContain(' on wells.')
  await speak('de')
  expect(refusalOf(missing)).toBe('UploadRole erlaubt s3:PutObject auf wells/docs/a.pdf nicht.')
  expect(refusalOf(denied)).toBe('Anweisung NoDocs in Boundary verbietet s3:PutObject auf wells/docs/a.pdf.')
  await speak('en')
})
