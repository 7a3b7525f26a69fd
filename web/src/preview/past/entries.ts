/** What was in a folder: keys, order, and what can be done with it. */
import type { PastEntry } from '../../api/types'

/** A file `a` and a folder `a` may both have been there. */
export function keyOf({ kind, name }: PastEntry): string {
  return kind === 'folder' ? `${name}/` : name
}

/** Folders first, each kind by its name. */
export function ordered(entries: readonly PastEntry[]): PastEntry[] {
  return [...entries].sort((one, two) => rank(one) - rank(two) || one.name.localeCompare(two.name, undefined, { numeric: true }))
}

function rank({ kind }: PastEntry): number {
  return kind === 'folder' ? 0 : 1
}

/** A folder that an address here can hold. */
export function isReachable(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..'
}

export function addressOf(folder: string): string {
  return folder.replace(/\/$/, '')
}

/** The location, and the folders from the first below it down to this one. */
export function wayTo(folder: string): { name: string; folder: string }[] {
  const names = addressOf(folder).split('/').filter((name) => name !== '')
  return [{ name: '', folder: '' }, ...names.map((name, i) => ({ name, folder: `${names.slice(0, i + 1).join('/')}/` }))]
}
