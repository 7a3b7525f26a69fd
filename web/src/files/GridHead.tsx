import { ArrowDown, ArrowUp } from 'lucide-react'
import { m } from '../i18n/messages'
import type { Column, Order } from './entries'
import type { OptionalColumn } from './views'

interface Props {
  columns: readonly OptionalColumn[]
  order: Order
  onOrder: (order: Order) => void
  all: boolean
  some: boolean
  onAll: (all: boolean) => void
}

export function GridHead({ columns, order, onOrder, all, some, onAll }: Props) {
  const shown: readonly Column[] = ['name', ...columns]
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="row row-head">
        <div role="columnheader" className="cell-check">
          <button
            type="button"
            role="checkbox"
            className="check-button"
            aria-checked={mixed(all, some)}
            aria-label={m.files.selectAll()}
            onClick={() => onAll(!all)}
          >
            <span className="check" data-on={all || undefined} data-part={(some && !all) || undefined} />
          </button>
        </div>
        {shown.map((column) => (
          <div key={column} role="columnheader" className={`cell-${column}`} aria-sort={sortOf(order, column)}>
            <button
              type="button"
              onClick={() => onOrder({ column, descending: order.column === column && !order.descending })}
            >
              {columnName(column)}
              {order.column === column ? <Arrow descending={order.descending} /> : null}
            </button>
          </div>
        ))}
      </div>
    </div>
  )
}

export function columnName(column: Column): string {
  switch (column) {
    case 'name':
      return m.common.name()
    case 'kind':
      return m.files.kind()
    case 'modified':
      return m.files.modified()
    case 'size':
      return m.files.size()
  }
}

function Arrow({ descending }: { descending: boolean }) {
  return descending ? <ArrowDown size={13} aria-hidden /> : <ArrowUp size={13} aria-hidden />
}

function mixed(all: boolean, some: boolean): boolean | 'mixed' {
  return some && !all ? 'mixed' : all
}

function sortOf(order: Order, column: Column): 'ascending' | 'descending' | 'none' {
  if (order.column !== column) return 'none'
  return order.descending ? 'descending' : 'ascending'
}
