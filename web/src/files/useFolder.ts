import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { listingQuery } from '../api/files'
import type { Entry } from '../api/types'
import { keyOf, matching, ordered, type Order } from './entries'
import { nothing, select, type Selection, type SelectionStep } from './selection'

const none: readonly Entry[] = []

/** A folder's listing, as it is ordered, filtered and selected. */
export function useFolder(location: string, folder: string) {
  const query = useQuery(listingQuery(location, folder))
  const [order, setOrder] = useState<Order>({ column: 'name', descending: false })
  const [filter, setFilter] = useState('')
  const [wanted, setWanted] = useState<Selection>(nothing)

  const all = query.data?.entries ?? none
  const sorted = useMemo(() => ordered(all, order), [all, order])
  const rows = useMemo(() => matching(sorted, filter), [sorted, filter])
  const keys = useMemo(() => rows.map(keyOf), [rows])
  // What was deleted elsewhere, or is filtered out, is not selected any more: nobody can see it.
  const selection = useMemo(() => select(wanted, { kind: 'keep', keys: new Set(keys) }, keys), [wanted, keys])

  const onSelect = (step: SelectionStep): void => setWanted(select(selection, step, keys))
  const selectedEntries = useMemo(
    () => (selection.selected.size === 0 ? none : rows.filter((entry) => selection.selected.has(keyOf(entry)))),
    [rows, selection],
  )
  return { query, all, rows, keys, order, setOrder, filter, setFilter, selection, onSelect, selectedEntries }
}
