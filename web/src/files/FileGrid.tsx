import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useRef } from 'react'
import type { Entry } from '../api/types'
import type { Point } from '../ui/Menu'
import { keyOf, type Order } from './entries'
import { GridHead } from './GridHead'
import { GridRow, type RowMoves } from './GridRow'
import type { Selection, SelectionStep } from './selection'
import { useGridInput } from './useGridInput'
import { useRemembered } from './useRemembered'
import { HEAD_PX, rowPixels, type Look } from './views'

export type FolderCommand = 'parent' | 'remove' | 'rename' | 'cut' | 'copy' | 'filter' | 'help' | 'favourite'

export interface GridProps {
  label: string
  place: string
  rows: readonly Entry[]
  keys: readonly string[]
  /** Whether these are all that there are. */
  complete: boolean
  look: Look
  letters: boolean
  order: Order
  onOrder: (order: Order) => void
  selection: Selection
  onSelect: (step: SelectionStep) => void
  onOpen: (entry: Entry) => void
  onCommand: (command: FolderCommand) => void
  onMenu: (at: Point) => void
  moves: RowMoves
  /** The row that the address names: it is selected and brought into sight once it is there. */
  reveal: string | undefined
}

/** The rows of a folder. The grid itself has the focus; the active row is named by `aria-activedescendant`. */
export function FileGrid(props: GridProps) {
  const { label, rows, keys, look, selection, onSelect } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rowPx = rowPixels(look)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 5,
    scrollPaddingStart: HEAD_PX,
    paddingEnd: rowPx,
  })
  useLayoutEffect(() => virtual.measure(), [virtual, rowPx])
  useRemembered(props, scroller, virtual)
  const at = selection.active === undefined ? -1 : keys.indexOf(selection.active)
  const { open, focusFirst, ...handlers } = useGridInput(props, at, scroller, virtual)

  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={props.complete ? rows.length + 1 : -1}
      data-compact={look.compact || undefined}
      data-columns={look.columns.join(' ')}
      {...(at < 0 ? {} : { 'aria-activedescendant': `row-${at}` })}
      {...handlers}
      onFocus={(event) => event.target === event.currentTarget && focusFirst()}
    >
      <GridHead
        columns={look.columns}
        order={props.order}
        onOrder={props.onOrder}
        all={rows.length > 0 && selection.selected.size >= rows.length}
        some={selection.selected.size > 0}
        onAll={(all) => onSelect({ kind: all ? 'all' : 'none' })}
      />
      {rows.length === 0 ? null : (
        <div role="rowgroup" className="grid-body" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const entry = rows[index]
            if (entry === undefined) return null
            const key = keyOf(entry)
            return (
              <GridRow
                key={key}
                place={props.place}
                entry={entry}
                columns={look.columns}
                index={index}
                top={start}
                active={index === at}
                selected={selection.selected.has(key)}
                onSelect={onSelect}
                onOpen={open}
                moves={props.moves}
              />
            )
          })}
        </div>
      )}
    </div>
  )
}
