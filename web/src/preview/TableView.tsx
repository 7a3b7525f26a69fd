import { useMemo } from 'react'
import { m } from '../i18n/messages'
import { Notice } from '../ui/Notice'
import { COLUMNS_MAX, parseTable, ROWS_MAX } from './table'

/** Comma- or tab-separated values as a table; the first row names the columns. */
export function TableView({ content, name: label }: { content: string; name: string }) {
  const { head, body, more } = useMemo(() => parseTable(content), [content])
  const columns = Math.max(head.length, ...body.map((row) => row.length))
  const numbers = Array.from({ length: columns }, (_, i) => i)
  return (
    <>
      {more ? <Notice tone="calm">{m.preview.firstRows(ROWS_MAX, COLUMNS_MAX)}</Notice> : null}
      <div className="csv" role="region" aria-label={label} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {numbers.map((i) => (
                <th key={i} scope="col">
                  {head[i] === undefined || head[i] === '' ? <span className="hidden-text">{m.preview.column(i + 1)}</span> : head[i]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {body.map((row, at) => (
              // Rows have no name of their own, and do not move.
              // oxlint-disable-next-line no-array-index-key
              <tr key={at}>
                {numbers.map((i) => (
                  <td key={i}>{row[i] ?? ''}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
