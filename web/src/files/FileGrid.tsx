import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, type KeyboardEvent } from 'react'
import type { Entry } from '../api/types'
import { keyOf, type Order } from './entries'
import { GridHead } from './GridHead'
import { GridRow } from './GridRow'
import { commandFor, typeAhead, type GridCommand } from './keys'
import type { Selection, SelectionStep } from './selection'

const ROW_PX = 40
const HEAD_PX = 36
const TYPING_MS = 700

interface Props {
  label: string
  rows: readonly Entry[]
  keys: readonly string[]
  order: Order
  onOrder: (order: Order) => void
  selection: Selection
  onSelect: (step: SelectionStep) => void
  onOpen: (entry: Entry) => void
  onCommand: (command: 'parent' | 'remove' | 'filter') => void
}

/** The rows of a folder. The grid itself has the focus; the active row is named by `aria-activedescendant`. */
export function FileGrid({ label, rows, keys, order, onOrder, selection, onSelect, onOpen, onCommand }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const typing = useRef({ text: '', at: 0 })
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollPaddingStart: HEAD_PX,
    paddingEnd: ROW_PX,
  })
  const at = selection.active === undefined ? -1 : keys.indexOf(selection.active)

  const go = (to: number, how: 'only' | 'range' | 'focus'): void => {
    const key = keys[to]
    if (key === undefined) return
    onSelect({ kind: how, key })
    virtual.scrollToIndex(to)
  }

  const obey = (command: GridCommand): void => {
    switch (command.kind) {
      case 'move':
        return go(command.to, command.how)
      case 'toggle':
        return selection.active === undefined ? undefined : onSelect({ kind: 'toggle', key: selection.active })
      case 'all':
      case 'none':
        return onSelect(command)
      case 'open': {
        const entry = rows[at]
        return entry === undefined ? undefined : onOpen(entry)
      }
      case 'parent':
      case 'remove':
      case 'filter':
        return onCommand(command.kind)
      case 'type':
        return type(command.letter)
    }
  }

  const type = (letter: string): void => {
    const now = Date.now()
    const text = now - typing.current.at > TYPING_MS ? letter : typing.current.text + letter
    typing.current = { text, at: now }
    const found = typeAhead(keys, text, at)
    if (found !== undefined) go(found, 'only')
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1)
    const typingOn = event.key === ' ' && Date.now() - typing.current.at < TYPING_MS
    const command = typingOn ? ({ kind: 'type', letter: ' ' } as const) : commandFor(event, { at, rows: rows.length, page })
    if (command === undefined) return
    event.preventDefault()
    obey(command)
  }

  return (
    <div
      ref={scroller}
      className="grid"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-multiselectable
      aria-rowcount={rows.length + 1}
      {...(at < 0 ? {} : { 'aria-activedescendant': `row-${at}` })}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && at < 0) go(0, 'focus')
      }}
    >
      <GridHead
        order={order}
        onOrder={onOrder}
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
                entry={entry}
                index={index}
                top={start}
                active={index === at}
                selected={selection.selected.has(key)}
                onSelect={onSelect}
                onOpen={onOpen}
              />
            )
          })}
        </div>
      )}
    </div>
  )
}
