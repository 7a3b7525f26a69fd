import { ArrowDown, ArrowUp } from 'lucide-react'
import { m } from '../i18n/messages'
import type { Column, Order } from './entries'

interface Props {
  order: Order
  onOrder: (order: Order) => void
  all: boolean
  some: boolean
  onAll: (all: boolean) => void
}

const columns: readonly (readonly [Column, () => string])[] = [
  ['name', m.common.name],
  ['modified', m.files.modified],
  ['size', m.files.size],
]

export function GridHead({ order, onOrder, all, some, onAll }: Props) {
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
        {columns.map(([column, label]) => (
          <div key={column} role="columnheader" className={`cell-${column}`} aria-sort={sortOf(order, column)}>
            <button
              type="button"
              onClick={() => onOrder({ column, descending: order.column === column && !order.descending })}
            >
              {label()}
              {order.column === column ? <Arrow descending={order.descending} /> : null}
            </button>
          </div>
        ))}
      </div>
    </div>
  )
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
