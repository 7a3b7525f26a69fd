import type { Virtualizer } from '@tanstack/react-virtual'
import { useRef, type KeyboardEvent, type MouseEvent, type RefObject } from 'react'
import type { Entry } from '../api/types'
import type { Point } from '../ui/Menu'
import { goOnInNextGrid } from './continuing'
import type { GridProps } from './FileGrid'
import { commandFor, isByLetter, typeAhead, type GridCommand } from './keys'
import { useLongPress } from './useLongPress'
import { HEAD_PX, rowPixels } from './views'

const TYPING_MS = 700

/** What keys, right clicks and resting fingers do in the grid. `at` is the number of the row that the keyboard is on. */
export function useGridInput(
  { rows, keys, look, letters, selection, onSelect, onOpen, onCommand, onMenu }: GridProps,
  at: number,
  scroller: RefObject<HTMLDivElement | null>,
  virtual: Virtualizer<HTMLDivElement, Element>,
) {
  const typing = useRef({ text: '', at: 0 })
  const rowPx = rowPixels(look)

  const go = (to: number, how: 'only' | 'range' | 'focus'): void => {
    const key = keys[to]
    if (key === undefined) return
    onSelect({ kind: how, key })
    virtual.scrollToIndex(to)
  }

  const open = (entry: Entry): void => {
    if (entry.kind === 'folder') goOnInNextGrid()
    onOpen(entry)
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
        return entry === undefined ? undefined : open(entry)
      }
      case 'parent':
        goOnInNextGrid()
        return onCommand('parent')
      case 'remove':
      case 'rename':
      case 'cut':
      case 'copy':
      case 'filter':
      case 'help':
      case 'favourite':
        return onCommand(command.kind)
      case 'menu':
        return menuAtRow()
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

  /** What the keyboard is on is what the menu is about, unless it is one of many that are selected. */
  const menuAtRow = (): void => {
    const row = scroller.current?.querySelector('[data-active]') ?? scroller.current
    if (row === null) return
    const { left, top, height } = row.getBoundingClientRect()
    const { active } = selection
    if (active !== undefined && !selection.selected.has(active)) onSelect({ kind: 'only', key: active })
    onMenu({ x: left + 48, y: top + Math.min(height, rowPx) - 4 })
  }

  const menuAt = (target: EventTarget, point: Point): void => {
    const row = target instanceof Element ? target.closest('[data-row]') : null
    const key = keys[Number(row?.getAttribute('data-row') ?? -1)]
    if (key === undefined) onSelect({ kind: 'none' })
    else if (!selection.selected.has(key)) onSelect({ kind: 'only', key })
    onMenu(point)
  }

  return {
    open,
    focusFirst: () => {
      if (at < 0) go(0, 'focus')
    },
    onContextMenu: (event: MouseEvent) => {
      event.preventDefault()
      // The menu key makes this event too, with no button pressed.
      if (event.button === 2) menuAt(event.target, { x: event.clientX, y: event.clientY })
      else menuAtRow()
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (event.target !== event.currentTarget) return
      const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / rowPx) - 1)
      const typingOn = event.key === ' ' && Date.now() - typing.current.at < TYPING_MS
      const command = typingOn ? ({ kind: 'type', letter: ' ' } as const) : commandFor(event, { at, rows: rows.length, page })
      if (command === undefined || (isByLetter(command) && !letters)) return
      event.preventDefault()
      obey(command)
    },
    ...useLongPress(menuAt),
  }
}
