/** What of all that happened is asked for, and what is read from it. */
import type { ActivityAsked } from '../api/activity'
import type { ActivityEntry, ActivityKind } from '../api/types'

export const KINDS: readonly ActivityKind[] = ['added', 'replaced', 'written', 'copied', 'moved-here', 'moved-away', 'trashed', 'restored', 'purged', 'expired', 'tagged']

/** Days as they are written in a field. */
export interface Chosen {
  kind?: ActivityKind | undefined
  person?: string | undefined
  location?: string | undefined
  from?: string | undefined
  until?: string | undefined
}

export function isNothing(chosen: Chosen): boolean {
  return Object.values(chosen).every((value) => value === undefined || value === '')
}

/** What the server is asked: a day begins and ends where the reader is. */
export function askedOf({ kind, person, from, until }: Chosen): ActivityAsked {
  return { kind, person, since: midnight(from, 0), until: midnight(until, 1) }
}

function midnight(day: string | undefined, later: number): string | undefined {
  if (day === undefined || day === '') return undefined
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + later)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

/** Everybody who is named there, and who was chosen, each once. */
export function people(entries: readonly ActivityEntry[], chosen?: string): readonly string[] {
  const named = entries.flatMap(({ by }) => (by.kind === 'person' && by.name !== null ? [by.name] : []))
  return [...new Set(chosen === undefined ? named : [...named, chosen])].sort((one, other) => one.localeCompare(other))
}

/** The last part of a path, without the slash of a folder. */
export function nameOf(path: string): string {
  return path.replace(/\/$/, '').split('/').at(-1) ?? ''
}

/** The folder that a path names, or that holds the file. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
