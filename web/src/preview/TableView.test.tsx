/** Separated values: what a cell holds is text, and a table ends. */
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { COLUMNS_MAX, parseTable, ROWS_MAX } from './table'
import { TableView } from './TableView'

test('quotes, separators, and line ends in cells', () => {
  expect(parseTable('a,b\r\n"1,5","x ""y""\nz"\r\n')).toEqual({ head: ['a', 'b'], body: [['1,5', 'x "y"\nz']], more: false })
  expect(parseTable('a\tb\n1\t2')).toEqual({ head: ['a', 'b'], body: [['1', '2']], more: false })
  expect(parseTable('a;b\n1;2').body).toEqual([['1', '2']])
  expect(parseTable('')).toEqual({ head: [], body: [], more: false })
  expect(parseTable('__proto__,constructor\n1,2').body).toEqual([['1', '2']])
})

test('it ends, and says so', () => {
  const long = parseTable(`a\n${'1\n'.repeat(ROWS_MAX)}`)
  expect([long.body.length, long.more]).toEqual([ROWS_MAX, false])
  const longer = parseTable(`a\n${'1\n'.repeat(ROWS_MAX + 5)}`)
  expect([longer.body.length, longer.more]).toEqual([ROWS_MAX, true])
  const wide = parseTable(`${'a,'.repeat(COLUMNS_MAX + 3)}\n1`)
  expect([wide.head.length, wide.more]).toEqual([COLUMNS_MAX, true])
})

test('a cell is text: no markup, and a formula is what it says', () => {
  const markup = renderToStaticMarkup(<TableView name="t" content={'name,<b>x</b>\n=HYPERLINK("javascript:1"),<img src=x onerror=alert(1)>\n"<script>1</script>",\u202Egpj'} />)
  expect(markup).not.toMatch(/<(?:script|img|b|a)\b/)
  expect(markup).toContain('&lt;img src=x onerror=alert(1)&gt;')
  expect(markup).toContain('=HYPERLINK(')
})
