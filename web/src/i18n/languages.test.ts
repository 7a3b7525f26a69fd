import { afterEach, expect, test } from 'vitest'
import { ma } from './administration'
import { de as german } from './de'
import { activity as germanActivity } from './de/activity'
import { de as germanAdministration } from './de/administration'
import { folderUsage as germanFolderUsage } from './de/folder-usage'
import { en as english } from './en'
import { activity as englishActivity } from './en/activity'
import { en as englishAdministration } from './en/administration'
import { folderUsage as englishFolderUsage } from './en/folder-usage'
import { bytes, count, dateTime } from './format'
import { m, speak } from './messages'

type Said = [name: string, text: string]

/** What each message says about two of something called `x`. */
function said(messages: unknown, name = ''): Said[] {
  if (typeof messages === 'function') return [[name, String(Reflect.apply(messages, undefined, [2, 'x', 'x']))]]
  return Object.entries(messages ?? {}).flatMap(([key, value]) => said(value, name === '' ? key : `${name}.${key}`))
}

const de = { ...german, ...germanAdministration, activity: germanActivity, folderUsage: germanFolderUsage }
const en = { ...english, ...englishAdministration, activity: englishActivity, folderUsage: englishFolderUsage }

afterEach(() => speak('en'))

test('what is said to administrators alone has areas of its own', () => {
  expect(Object.keys(englishAdministration).filter((area) => area in english)).toEqual([])
})

test('German says everything that English says, and nothing else', () => {
  expect(said(de).map(([name]) => name).sort()).toEqual(said(en).map(([name]) => name).sort())
})

test('German sentences are not English ones, and call people Sie', () => {
  const inEnglish = new Map(said(en))
  const same = said(de).filter(([name, text]) => /\s\S+\s/.test(text) && !/\d/.test(text) && inEnglish.get(name) === text)
  // “Access key ID” and “Secret access key” are called so everywhere.
  expect(same.map(([name]) => name)).toEqual(['keys.id', 'keys.secret'])
  expect(said(de).filter(([, text]) => /\b(?:du|dich|dir|dein\w*|the|you|your)\b/i.test(text))).toEqual([])
  expect(said(de).filter(([, text]) => /["']|“[^“”]*”/.test(text))).toEqual([])
})

test('numbers and dates follow the language', async () => {
  const day = '2026-11-26T18:30:00Z'
  expect(count(12_000)).toBe('12,000')
  await speak('de')
  expect(m.app.files()).toBe('Dateien')
  expect(ma.grants.title()).toBe('Freigaben')
  expect([count(12_000), bytes(1_500)]).toEqual(['12.000', '1,5 KB'])
  expect(dateTime(day)).toMatch(/^\d\d\.\d\d\.2026, /)
  await speak('en')
  expect(m.app.files()).toBe('Files')
  expect(ma.grants.title()).toBe('Grants')
  expect(bytes(1_500)).toBe('1.5 KB')
})
