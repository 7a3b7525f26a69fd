/**
 * Which rows are selected. Rows are known by key and not by number, so a selection survives sorting, filtering and
 * pages that arrive later.
 */
export interface Selection {
  /** Where the keyboard is. */
  readonly active: string | undefined
  /** Where a range begins. */
  readonly anchor: string | undefined
  readonly selected: ReadonlySet<string>
}

export type SelectionStep =
  | { kind: 'only'; key: string }
  | { kind: 'toggle'; key: string }
  | { kind: 'range'; key: string }
  /** Moves the keyboard without selecting, as Ctrl with an arrow does. */
  | { kind: 'focus'; key: string }
  | { kind: 'all' }
  | { kind: 'none' }
  /** Rows went away. */
  | { kind: 'keep'; keys: ReadonlySet<string> }

export const nothing: Selection = { active: undefined, anchor: undefined, selected: new Set() }

/** `keys` are the rows as they are shown now, in order. */
export function select(now: Selection, step: SelectionStep, keys: readonly string[]): Selection {
  switch (step.kind) {
    case 'only':
      return { active: step.key, anchor: step.key, selected: new Set([step.key]) }
    case 'toggle':
      return { active: step.key, anchor: step.key, selected: toggled(now.selected, step.key) }
    case 'range':
      return { ...now, active: step.key, selected: range(now.anchor ?? now.active ?? step.key, step.key, keys) }
    case 'focus':
      return { ...now, active: step.key }
    case 'all':
      return { ...now, selected: new Set(keys) }
    case 'none':
      return { ...now, anchor: now.active, selected: new Set() }
    case 'keep':
      return kept(now, step.keys)
  }
}

function toggled(selected: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(selected)
  if (!next.delete(key)) next.add(key)
  return next
}

function range(from: string, to: string, keys: readonly string[]): ReadonlySet<string> {
  const end = keys.indexOf(to)
  const start = keys.indexOf(from)
  if (start < 0 || end < 0) return new Set([to])
  return new Set(keys.slice(Math.min(start, end), Math.max(start, end) + 1))
}

function kept(now: Selection, keys: ReadonlySet<string>): Selection {
  const still = (key: string | undefined): string | undefined => (key !== undefined && keys.has(key) ? key : undefined)
  const selected = new Set([...now.selected].filter((key) => keys.has(key)))
  return { active: still(now.active), anchor: still(now.anchor), selected }
}
