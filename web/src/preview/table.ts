/** Values that are separated by something, as rows of text. Nothing in them is computed: a formula is what it says. */
import Papa from 'papaparse'

export const ROWS_MAX = 1_000
export const COLUMNS_MAX = 100

export interface Rows {
  head: readonly string[]
  body: readonly (readonly string[])[]
  /** There are more rows or columns than these. */
  more: boolean
}

export function parseTable(content: string): Rows {
  const { data } = Papa.parse<string[]>(content, { preview: ROWS_MAX + 2, skipEmptyLines: true, header: false, dynamicTyping: false })
  const [head = [], ...body] = data.map((row) => row.slice(0, COLUMNS_MAX))
  const wide = data.some((row) => row.length > COLUMNS_MAX)
  return { head, body: body.slice(0, ROWS_MAX), more: wide || body.length > ROWS_MAX }
}
