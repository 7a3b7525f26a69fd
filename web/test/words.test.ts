/** The messages of administration are fetched by administrators alone, and are there when a page says them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const sources = join(import.meta.dirname, '../src')
const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
const read = (file: string): string => readFileSync(join(sources, file), 'utf8')

test('nothing but pages of administration says them', () => {
  const saying = files.filter((file) => /from '(?:\.\.?\/)+(?:i18n\/)?administration'/.test(read(file)) && !file.startsWith('i18n/'))
  expect(saying.length).toBeGreaterThan(10)
  expect(saying.filter((file) => !file.startsWith('admin/'))).toEqual([])
})

test('and each of those waits for them', () => {
  const fetched = files.flatMap((file) => [...read(file).matchAll(/(\w+\()?import\('\.\.\/admin\/\w+'\)/g)].map(([text, by]) => ({ text, by })))
  expect(fetched.length).toBeGreaterThan(10)
  expect(fetched.filter(({ by }) => by !== 'withWords(')).toEqual([])
})
