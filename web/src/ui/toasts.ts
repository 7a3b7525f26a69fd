/** Short messages that confirm what was done. Kept outside React so that anything may say something. */
export interface Toast {
  id: number
  text: string
  /** Takes back what was done. */
  undo: (() => void) | undefined
}

const SHOWN_MS = 6_000
/** What can be taken back is shown for longer. */
const UNDO_SHOWN_MS = 20_000
const SHOWN_MAX = 3

let shown: readonly Toast[] = []
let counter = 0
const listeners = new Set<() => void>()

function show(next: readonly Toast[]): void {
  shown = next
  for (const listener of listeners) listener()
}

export function toast(text: string, undo?: () => void): void {
  counter += 1
  const id = counter
  show([...shown, { id, text, undo }].slice(-SHOWN_MAX))
  setTimeout(() => dismiss(id), undo === undefined ? SHOWN_MS : UNDO_SHOWN_MS)
}

export function dismiss(id: number): void {
  show(shown.filter((t) => t.id !== id))
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function current(): readonly Toast[] {
  return shown
}
