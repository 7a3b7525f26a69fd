import { memo, useRef, type MouseEvent } from 'react'
import type { Entry } from '../api/types'
import { bytes, date } from '../i18n/format'
import { m } from '../i18n/messages'
import { Name } from '../ui/Name'
import { carry, dropping } from './dragging'
import { extensionOf, keyOf } from './entries'
import { Held } from './Held'
import { isUnreachable } from './paths'
import { Rename } from './Rename'
import type { SelectionStep } from './selection'
import { Thumb } from './thumbs/Thumb'
import type { OptionalColumn } from './views'

interface Props {
  /** The location's id and the folder, `/` between. */
  place: string
  entry: Entry
  columns: readonly OptionalColumn[]
  index: number
  top: number
  active: boolean
  selected: boolean
  onSelect: (step: SelectionStep) => void
  onOpen: (entry: Entry) => void
  moves: RowMoves
}

/** Renaming and dragging, as the rows need them. */
export interface RowMoves {
  /** The key of the row that is being renamed. */
  renaming: string | undefined
  onRename: (entry: Entry, name: string | undefined) => void
  onDrag: (key: string) => void
  onDrop: (key: string, copies: boolean) => void
}

export const GridRow = memo(function GridRow({ place, entry, columns, index, top, active, selected, onSelect, onOpen, moves }: Props) {
  const touch = useRef(false)
  const key = keyOf(entry)
  const [location = ''] = place.split('/', 1)
  const folder = place.slice(location.length + 1)
  const onClick = (event: MouseEvent): void => {
    if (event.shiftKey) onSelect({ kind: 'range', key })
    else if (event.ctrlKey || event.metaKey) onSelect({ kind: 'toggle', key })
    // A finger has no double click: it opens folders at once, and the box beside the name selects.
    else if (touch.current && entry.kind === 'folder') onOpen(entry)
    else onSelect({ kind: 'only', key })
  }
  const onBox = (event: MouseEvent): void => {
    event.stopPropagation()
    onSelect({ kind: event.shiftKey ? 'range' : 'toggle', key })
  }
  const renaming = moves.renaming === key
  return (
    <div
      id={`row-${index}`}
      role="row"
      className="row"
      data-row={index}
      aria-rowindex={index + 2}
      aria-selected={selected}
      data-active={active || undefined}
      style={{ transform: `translateY(${top}px)` }}
      onPointerDown={(event) => {
        touch.current = event.pointerType === 'touch'
      }}
      draggable={!renaming}
      onDragStart={(event) => {
        carry(event)
        moves.onDrag(key)
      }}
      {...(entry.kind === 'folder' ? dropping((copies) => moves.onDrop(key, copies)) : {})}
      onClick={onClick}
      onDoubleClick={(event) => renaming || event.ctrlKey || event.metaKey || event.shiftKey || onOpen(entry)}
    >
      <div role="gridcell" className="cell-check" onClick={onBox} onDoubleClick={(event) => event.stopPropagation()}>
        <span className="check" data-on={selected || undefined} />
      </div>
      <div role="gridcell" className="cell-name">
        <Thumb location={location} path={folder + key} entry={entry} size={18} />
        {renaming ? (
          <Rename entry={entry} onEnd={(name) => moves.onRename(entry, name)} />
        ) : isUnreachable(entry.name) ? (
          <span className="name warn" title={m.files.unreachable()}>
            {entry.name === '' ? m.files.noName() : entry.name}
          </span>
        ) : (
          <Name text={entry.name} className="name" />
        )}
        {entry.kind === 'file' ? <Held scan={entry.scan} /> : null}
      </div>
      {columns.map((column) => (
        <div key={column} role="gridcell" className={`cell-${column}`}>
          {cell(entry, column)}
        </div>
      ))}
    </div>
  )
})

function cell(entry: Entry, column: OptionalColumn): string {
  if (entry.kind === 'folder') return column === 'kind' ? m.files.folder() : ''
  switch (column) {
    case 'kind':
      return extensionOf(entry.name).toUpperCase()
    case 'modified':
      return date(entry.modified)
    case 'size':
      return bytes(entry.size)
  }
}
