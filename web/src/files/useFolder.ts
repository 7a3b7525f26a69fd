import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { listingQuery } from '../api/files'
import type { Entry } from '../api/types'
import { keyOf, matching, ordered, type Order } from './entries'
import { nothing, select, type Selection, type SelectionStep } from './selection'
import { rememberedOrder, rememberOrder } from './views'

const none: readonly Entry[] = []

/** A folder's listing, as it is ordered, filtered and selected. */
export function useFolder(location: string, folder: string) {
  const place = placeOf(location, folder)
  const query = useQuery(listingQuery(location, folder))
  const [order, showOrder] = useState<Order>(() => rememberedOrder(place))
  const [filter, setFilter] = useState('')
  const [wanted, setWanted] = useState<Selection>(nothing)

  const all = query.data?.entries ?? none
  const sorted = useMemo(() => ordered(all, order), [all, order])
  const rows = useMemo(() => matching(sorted, filter), [sorted, filter])
  const keys = useMemo(() => rows.map(keyOf), [rows])
  const present = useMemo(() => new Set(keys), [keys])
  // What was deleted elsewhere, or is filtered out, is not selected any more: nobody can see it.
  const selection = useMemo(() => select(wanted, { kind: 'keep', keys: present }, keys), [wanted, present, keys])

  const onSelect = (step: SelectionStep): void => setWanted(select(selection, step, keys))
  const setOrder = (next: Order): void => {
    showOrder(next)
    rememberOrder(place, next)
  }
  const selectedEntries = useMemo(
    () => (selection.selected.size === 0 ? none : rows.filter((entry) => selection.selected.has(keyOf(entry)))),
    [rows, selection],
  )
  return { place, query, all, rows, keys, order, setOrder, filter, setFilter, selection, onSelect, selectedEntries }
}

function placeOf(location: string, folder: string): string {
  return `${location}/${folder}`
}
