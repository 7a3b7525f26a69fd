/** What can be done on the page that is shown, for the command palette: a page offers it for as long as it is there. */
import type { ReactNode } from 'react'

export interface Command {
  id: string
  label: string
  icon?: ReactNode
  /** The keys that do the same, as they are written for people. */
  keys?: string | undefined
  /** Why it cannot be done now. */
  reason?: string | undefined
  onAction: () => void
}

let offered: readonly Command[] = []
const listeners = new Set<() => void>()

/** Replaces what was offered; the answer takes it back, unless another page has offered something since. */
export function offer(commands: readonly Command[]): () => void {
  offered = commands
  for (const listener of listeners) listener()
  return () => {
    if (offered === commands) offer([])
  }
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

export function current(): readonly Command[] {
  return offered
}
