/** Places that a person marked or was at, with the names by which they know them. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { isSame, placesQuery, setMarked, type Place } from '../api/places'
import type { Location } from '../api/types'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'
import { crumbs } from './paths'

export interface NamedPlace extends Place {
  name: string
  /** The way to it, from the location's title on. */
  way: string
  /** The folder that is opened. */
  folder: string
  /** What is selected there: a file. */
  select: string | undefined
}

/** Places whose location the person still has. */
export function named(list: readonly Place[], locations: readonly Location[]): NamedPlace[] {
  return list.flatMap((place) => {
    const title = locations.find((l) => l.id === place.location)?.title
    if (title === undefined) return []
    const { location, path } = place
    const folder = path.slice(0, path.lastIndexOf('/') + 1)
    const select = path.length > folder.length ? path.slice(folder.length) : undefined
    const names = [title, ...crumbs(folder).map((crumb) => crumb.name), ...(select === undefined ? [] : [select])]
    return [{ location, path, folder, select, name: names.at(-1) ?? title, way: names.join(' / ') }]
  })
}

export interface Marks {
  isMarked: (place: Place) => boolean
  toggle: (place: Place) => void
}

/** What is marked, and how to mark more. */
export function useMarks(): Marks {
  const queries = useQueryClient()
  const { data } = useQuery(placesQuery)
  const isMarked = (place: Place): boolean => data?.favourites.some((other) => isSame(other, place)) === true
  const toggle = (place: Place): void =>
    void setMarked(queries, place, !isMarked(place)).catch((error: unknown) => toast(describe(error)))
  return { isMarked, toggle }
}

/** What a button or an item of a menu is called that marks. */
export function markLabel(marked: boolean): string {
  return marked ? m.files.unmark() : m.files.mark()
}
