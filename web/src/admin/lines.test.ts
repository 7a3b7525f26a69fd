import { expect, test } from 'vitest'
import { differingLines } from './lines'

function check(before: string, after: string, expected: readonly string[]): void {
  expect(differingLines(before, after).map(({ kind, text }) => (kind === 'gone' ? '-' : '+') + text)).toEqual(expected)
}

test('lines that only one text has are told, in order', () => {
  check('a\nb\nc', 'a\nb\nc', [])
  check('a\nb\nc', 'a\nc', ['-b'])
  check('a\nc', 'a\nb\nc', ['+b'])
  check('a\nb', 'a\nx', ['-b', '+x'])
  check('', 'a', ['-', '+a'])
  check('a\nb\nc\nd', 'c\nd\na\nb', ['-a', '-b', '+a', '+b'])
})
