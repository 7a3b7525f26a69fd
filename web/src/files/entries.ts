/** What a folder holds, as the grid shows it: keys, order, filter. */
import type { Entry } from '../api/types'

/** Unique in a folder: a file `a` and a folder `a` may both exist in S3. */
export function keyOf(entry: Entry): string {
  return entry.kind === 'folder' ? `${entry.name}/` : entry.name
}

export function isFolderKey(key: string): boolean {
  return key.endsWith('/')
}

export type Column = 'name' | 'kind' | 'modified' | 'size'

export interface Order {
  column: Column
  descending: boolean
}

/** `pdf` of `report.pdf`; none of `.profile` and of `Makefile`. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : ''
}

const byName = new Intl.Collator(undefined, { numeric: true })

function compare(a: Entry, b: Entry, column: Column): number {
  if (a.kind !== 'file' || b.kind !== 'file' || column === 'name') return byName.compare(a.name, b.name)
  if (column === 'size') return a.size - b.size
  if (column === 'kind') return byName.compare(extensionOf(a.name), extensionOf(b.name))
  return a.modified < b.modified ? -1 : Number(a.modified > b.modified)
}

/** Folders first, whichever way the files are ordered. */
export function ordered(entries: readonly Entry[], { column, descending }: Order): Entry[] {
  const sign = descending ? -1 : 1
  return [...entries].sort((a, b) => {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1
    return sign * compare(a, b, column) || byName.compare(a.name, b.name)
  })
}

export function matching(entries: readonly Entry[], text: string): readonly Entry[] {
  const wanted = text.trim().toLocaleLowerCase()
  return wanted === '' ? entries : entries.filter((e) => e.name.toLocaleLowerCase().includes(wanted))
}

export function sizeOf(entries: readonly Entry[], selected: ReadonlySet<string>): number {
  if (selected.size === 0) return 0
  let total = 0
  for (const entry of entries) if (entry.kind === 'file' && selected.has(entry.name)) total += entry.size
  return total
}
