/**
 * Folders that a person marked or went to lately: a location's id and the folder's path, and nothing else. The server
 * has no place for them: they are this browser's, and signing out clears them with all that a site keeps.
 */
import type { Location } from '../api/types'
import { Kept } from '../ui/kept'
import { crumbs } from './paths'

export interface Place {
  location: string
  folder: string
}

const RECENT_MAX = 8
const FAVOURITES_MAX = 50

export const favourites = new Kept('favourites', places)
export const recent = new Kept('recent', places)

export function isSame(a: Place, b: Place): boolean {
  return a.location === b.location && a.folder === b.folder
}

export function isFavourite(list: readonly Place[], place: Place): boolean {
  return list.some((known) => isSame(known, place))
}

export function toggleFavourite({ location, folder }: Place): void {
  const list = favourites.get()
  const without = list.filter((known) => !isSame(known, { location, folder }))
  favourites.set(without.length < list.length ? without : [...list, { location, folder }].slice(-FAVOURITES_MAX))
}

/** The location itself is in the list of locations anyway. */
export function noteVisit(place: Place): void {
  const [last] = recent.get()
  if (place.folder === '' || (last !== undefined && isSame(last, place))) return
  const before = recent.get().filter((known) => !isSame(known, place))
  recent.set([place, ...before].slice(0, RECENT_MAX))
}

export interface NamedPlace extends Place {
  name: string
  /** The way to it, from the location's title on. */
  way: string
}

/** Places whose location the person still has, with their names. */
export function named(list: readonly Place[], locations: readonly Location[]): NamedPlace[] {
  return list.flatMap((place) => {
    const title = locations.find((l) => l.id === place.location)?.title
    if (title === undefined) return []
    const names = [title, ...crumbs(place.folder).map((crumb) => crumb.name)]
    return [{ ...place, name: names.at(-1) ?? title, way: names.join(' / ') }]
  })
}

function places(raw: unknown): readonly Place[] {
  if (!Array.isArray(raw)) return []
  return raw.flatMap((item: unknown) => {
    const { location, folder }: { location?: unknown; folder?: unknown } = { ...(typeof item === 'object' ? item : {}) }
    return typeof location === 'string' && typeof folder === 'string' ? [{ location, folder }] : []
  })
}
