import { expect, test } from 'vitest'
import { contextOf, formOf, NOTHING, questionOf, searchOf } from './question'

test('an address holds what was asked, and no more', () => {
  const question = { ...NOTHING, uid: 'u', key: 'shared/a b', plain: true }
  expect(searchOf(question)).toEqual({ uid: 'u', action: 's3:GetObject', key: 'shared/a b', plain: true })
  expect({ ...NOTHING, ...questionOf({ ...searchOf(question) }) }).toEqual(question)
  expect(questionOf({ who: 'everybody', key: 7, plain: 'yes', uid: ['a'] })).toEqual({ key: '7' })
})

test('nothing is asked until it is said who asks, and what', () => {
  expect(formOf(NOTHING, 'en')).toBeUndefined()
  expect(formOf({ ...NOTHING, who: 'role' }, 'en')).toBeUndefined()
  expect(formOf({ ...NOTHING, who: 'stranger', action: ' ' }, 'en')).toBeUndefined()
  expect(formOf({ ...NOTHING, who: 'stranger' }, 'de')).toMatchObject({ who: { kind: 'stranger' }, action: 's3:GetObject', language: 'de' })
  expect(formOf({ ...NOTHING, uid: 'u', group: 'g' }, 'en')?.who).toEqual({ kind: 'person', uid: 'u', group: 'g' })
})

test('what is said of a request becomes condition keys', () => {
  expect(contextOf(NOTHING)).toEqual({ 'aws:SecureTransport': ['true'] })
  const more = 's3:prefix=a=b; nonsense; aws:TagKeys=x;aws:TagKeys = y;=z'
  expect(contextOf({ ...NOTHING, plain: true, address: ' 192.0.2.1 ', at: 'soon', more })).toEqual({
    'aws:SecureTransport': ['false'],
    'aws:SourceIp': ['192.0.2.1'],
    's3:prefix': ['a=b'],
    'aws:TagKeys': ['x', 'y'],
  })
})
