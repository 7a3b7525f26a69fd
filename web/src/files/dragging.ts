/** Rows that are dragged onto folders. The menu is the way without a mouse. */
import type { DragEvent } from 'react'

/** What tells our rows from files that are dragged in. */
const KIND = 'application/x-wellhouse-rows'

export function carry(event: DragEvent): void {
  event.dataTransfer.setData(KIND, '')
  event.dataTransfer.effectAllowed = 'copyMove'
}

/** What an element needs on which rows may be dropped: Ctrl copies. */
export function dropping(onDrop: (copies: boolean) => void) {
  return {
    onDragOver: (event: DragEvent) => {
      if (!ours(event)) return
      event.preventDefault()
      event.dataTransfer.dropEffect = copies(event) ? 'copy' : 'move'
      mark(event, true)
    },
    onDragLeave: (event: DragEvent) => mark(event, false),
    onDrop: (event: DragEvent) => {
      if (!ours(event)) return
      event.preventDefault()
      mark(event, false)
      onDrop(copies(event))
    },
  }
}

function ours(event: DragEvent): boolean {
  return event.dataTransfer.types.includes(KIND)
}

function mark(event: DragEvent, on: boolean): void {
  event.currentTarget.toggleAttribute('data-drop', on)
}

function copies(event: DragEvent): boolean {
  return event.ctrlKey || event.altKey
}
