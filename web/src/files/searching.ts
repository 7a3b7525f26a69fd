/** What a search's address says, and how what was found is cut into what matched and what did not. */
import type { Asked } from '../api/search'
import type { Location, SearchKind, SearchResult } from '../api/types'
import { crumbs } from './paths'

export const KINDS: readonly SearchKind[] = ['folder', 'image', 'video', 'audio', 'document', 'spreadsheet', 'presentation', 'archive', 'text', 'other']

/** Sizes that are asked for, in bytes. */
export const SIZES = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000] as const

/** What the address of the page holds: days as they are written in a field. */
export interface Sought {
  q?: string
  kind?: SearchKind
  location?: string
  path?: string
  size?: number
  since?: string
  until?: string
}

/** What of an address can be understood. The router has made a number of `2026` already. */
export function soughtIn(search: Record<string, unknown>): Sought {
  const text = (key: string): string | undefined => {
    const value = search[key]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const kind = KINDS.find((one) => one === search['kind'])
  const size = SIZES.find((one) => one === search['size'])
  const day = (key: string): string | undefined => (isDay(text(key)) ? text(key) : undefined)
  return kept({ q: text('q'), kind, location: text('location'), path: text('path'), size, since: day('since'), until: day('until') })
}

function isDay(text: string | undefined): boolean {
  return text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))
}

/** Without what is not said. */
export function kept(sought: { [K in keyof Sought]: Sought[K] | undefined }): Sought {
  const said: Sought = {}
  if (sought.q !== undefined && sought.q !== '') said.q = sought.q
  if (sought.kind !== undefined) said.kind = sought.kind
  if (sought.location !== undefined) said.location = sought.location
  if (sought.path !== undefined && sought.path !== '' && sought.location !== undefined) said.path = sought.path
  if (sought.size !== undefined) said.size = sought.size
  if (sought.since !== undefined && sought.since !== '') said.since = sought.since
  if (sought.until !== undefined && sought.until !== '') said.until = sought.until
  return said
}

/** What the server is asked: a day begins and ends where the reader is. */
export function askedOf({ q = '', kind, location, path, size, since, until }: Sought): Asked {
  return { q, kind, location, path, size_min: size, modified_after: midnight(since, 0), modified_before: midnight(until, 1) }
}

function midnight(day: string | undefined, later: number): string | undefined {
  if (day === undefined) return undefined
  const at = new Date(`${day}T00:00:00`)
  at.setDate(at.getDate() + later)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

export interface Piece {
  /** Where it begins, in characters of the path. */
  at: number
  text: string
  matched: boolean
}

export interface Hit {
  location: string
  /** The folder that it is in. */
  folder: string
  name: string
  pieces: readonly Piece[]
  /** The way to its folder, from the location's title on. */
  way: string
}

/** A result as it is shown. */
export function hitOf({ location, path, matched }: SearchResult, locations: readonly Location[]): Hit {
  const characters = [...path]
  const inner = path.endsWith('/') ? characters.length - 1 : characters.length
  const begins = characters.lastIndexOf('/', inner - 1) + 1
  const pieces: Piece[] = []
  const cut = (from: number, to: number, is: boolean): void => {
    const [start, end] = [Math.max(from, begins), Math.min(to, inner)]
    if (end > start) pieces.push({ at: start, text: characters.slice(start, end).join(''), matched: is })
  }
  let at = begins
  for (const { start, end } of matched) {
    cut(at, start, false)
    cut(start, end, true)
    at = Math.max(at, end)
  }
  cut(at, inner, false)
  const folder = characters.slice(0, begins).join('')
  const title = locations.find(({ id }) => id === location)?.title ?? ''
  return {
    location,
    folder,
    name: characters.slice(begins, inner).join(''),
    pieces,
    way: [title, ...crumbs(folder).map(({ name }) => name)].join(' / '),
  }
}
