import { expect, test } from 'vitest'
import { linesOf } from './changes'

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`
const numbered = (n: number): string[] => Array.from({ length: n }, (_, i) => `line ${i + 1}`)
const told = (before: string, now: string): string[] | undefined => linesOf(before, now)?.map(({ kind, text: words }) => `${kind} ${words}`)

test('a line that changed is shown with three around it', () => {
  const now = numbered(40)
  now[19] = 'another'
  expect(told(text(numbered(40)), text(now))).toEqual([
    'hunk 17', 'same line 17', 'same line 18', 'same line 19', 'gone line 20', 'come another', 'same line 21', 'same line 22', 'same line 23',
  ])
})

test('the same text has no lines, and an end without a line break is no line', () => {
  expect(linesOf('a\nb\n', 'a\nb\n')).toEqual([])
  expect(told('a\n', 'a')).toEqual(['hunk 1', 'gone a', 'come a'])
  expect(told('', 'a\n')).toEqual(['hunk 1', 'come a'])
})

test('each line has an id of its own', () => {
  const ids = linesOf(text(numbered(90)), text(numbered(90).map((line, i) => (i % 30 === 0 ? `${line}!` : line))))?.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids?.length)
})
