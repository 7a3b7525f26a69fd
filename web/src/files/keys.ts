/** What a key means in the grid. Pure, so that the whole keyboard can be tested as a table. */
export interface KeyPress {
  key: string
  ctrlKey: boolean
  metaKey: boolean
  shiftKey: boolean
  altKey: boolean
}

/** Where the keyboard is: row numbers, and how many rows fit on the screen. `at` is -1 before the first key. */
export interface Standing {
  at: number
  rows: number
  page: number
}

export type GridCommand =
  | { kind: 'move'; to: number; how: 'only' | 'range' | 'focus' }
  | { kind: 'toggle' }
  | { kind: 'all' }
  | { kind: 'none' }
  | { kind: 'open' }
  | { kind: 'parent' }
  | { kind: 'remove' }
  | { kind: 'rename' }
  | { kind: 'cut' }
  | { kind: 'copy' }
  | { kind: 'filter' }
  | { kind: 'help' }
  | { kind: 'favourite' }
  | { kind: 'menu' }
  | { kind: 'type'; letter: string }

export function commandFor(press: KeyPress, standing: Standing): GridCommand | undefined {
  const ctrl = press.ctrlKey || press.metaKey
  if (press.altKey) return press.key === 'ArrowUp' ? { kind: 'parent' } : undefined
  if (press.key === 'ContextMenu' || (press.key === 'F10' && press.shiftKey)) return { kind: 'menu' }
  const to = target(press.key, standing)
  if (to !== undefined) return standing.rows === 0 ? undefined : { kind: 'move', to, how: manner(press, ctrl) }
  if (ctrl) return press.shiftKey ? undefined : withCtrl(press.key.toLowerCase())
  return plain(press.key)
}

function withCtrl(key: string): GridCommand | undefined {
  switch (key) {
    case 'a':
      return { kind: 'all' }
    case 'c':
      return { kind: 'copy' }
    case 'x':
      return { kind: 'cut' }
    default:
      return undefined
  }
}

function manner(press: KeyPress, ctrl: boolean): 'only' | 'range' | 'focus' {
  if (press.shiftKey) return 'range'
  return ctrl ? 'focus' : 'only'
}

function target(key: string, { at, rows, page }: Standing): number | undefined {
  const within = (n: number): number => Math.min(rows - 1, Math.max(0, n))
  switch (key) {
    case 'ArrowDown':
      return within(at + 1)
    case 'ArrowUp':
      return within(at - 1)
    case 'PageDown':
      return within(at + page)
    case 'PageUp':
      return within(at - page)
    case 'Home':
      return 0
    case 'End':
      return rows - 1
    default:
      return undefined
  }
}

function plain(key: string): GridCommand | undefined {
  switch (key) {
    case 'Enter':
      return { kind: 'open' }
    case ' ':
      return { kind: 'toggle' }
    case 'Escape':
      return { kind: 'none' }
    case 'Backspace':
      return { kind: 'parent' }
    case 'Delete':
      return { kind: 'remove' }
    case 'F2':
      return { kind: 'rename' }
    case '/':
      return { kind: 'filter' }
    case '?':
      return { kind: 'help' }
    case '*':
      return { kind: 'favourite' }
    default:
      return [...key].length === 1 ? { kind: 'type', letter: key } : undefined
  }
}

/** What a single letter or sign does, which a person may switch off. */
export function isByLetter(command: GridCommand): boolean {
  switch (command.kind) {
    case 'type':
    case 'filter':
    case 'help':
    case 'favourite':
      return true
    case 'move':
    case 'toggle':
    case 'all':
    case 'none':
    case 'open':
    case 'parent':
    case 'remove':
    case 'rename':
    case 'cut':
    case 'copy':
    case 'menu':
      return false
  }
}

/** The next row whose name begins with what was typed, looking on from the current one and around the end. */
export function typeAhead(names: readonly string[], typed: string, at: number): number | undefined {
  const wanted = typed.toLocaleLowerCase()
  const from = typed.length > 1 ? Math.max(0, at) : at + 1
  for (let step = 0; step < names.length; step += 1) {
    const i = (from + step) % names.length
    if (names[i]?.toLocaleLowerCase().startsWith(wanted) === true) return i
  }
  return undefined
}
