/** How folders are shown: columns and rows for all of them, the order for each, and where each was scrolled to. */
import { Kept } from '../ui/kept'
import type { Column, Order } from './entries'

export type OptionalColumn = Exclude<Column, 'name'>

export const OPTIONAL_COLUMNS: readonly OptionalColumn[] = ['kind', 'modified', 'size']

export interface Look {
  columns: readonly OptionalColumn[]
  compact: boolean
}

export const HEAD_PX = 36

export function rowPixels({ compact }: Look): number {
  return compact ? 32 : 40
}

const ORDERS_MAX = 200
const SCROLLS_MAX = 200
const byName: Order = { column: 'name', descending: false }

export const look = new Kept<Look>('look', (raw) => {
  const { columns, compact } = record(raw)
  const chosen = Array.isArray(columns) ? OPTIONAL_COLUMNS.filter((column) => columns.includes(column)) : undefined
  return { columns: chosen ?? ['modified', 'size'], compact: compact === true }
})

/** Only folders that are not ordered by name are in it; the newest last. */
const orders = new Kept<readonly (readonly [string, Order])[]>('orders', (raw) =>
  Array.isArray(raw) ? raw.flatMap(([place, order]: unknown[]) => orderOf(place, order)) : [],
)

function orderOf(place: unknown, raw: unknown): [string, Order][] {
  const { column, descending } = record(raw)
  const known = OPTIONAL_COLUMNS.find((name) => name === column) ?? 'name'
  return typeof place === 'string' ? [[place, { column: known, descending: descending === true }]] : []
}

export function rememberedOrder(place: string): Order {
  return orders.get().find(([known]) => known === place)?.[1] ?? byName
}

export function rememberOrder(place: string, order: Order): void {
  const others = orders.get().filter(([known]) => known !== place)
  const plain = order.column === 'name' && !order.descending
  orders.set(plain ? others : [...others, [place, order] as const].slice(-ORDERS_MAX))
}

const SCROLLS = 'scrolls'
let scrolls: Map<string, number> | undefined

/** Pixels from the top. Kept for as long as the tab lives. */
export function rememberedScroll(place: string): number {
  return read().get(place) ?? 0
}

export function rememberScroll(place: string, top: number): void {
  const known = read()
  known.delete(place)
  if (top > 0) known.set(place, top)
  for (const [oldest] of known) {
    if (known.size <= SCROLLS_MAX) break
    known.delete(oldest)
  }
}

function read(): Map<string, number> {
  if (scrolls === undefined) {
    scrolls = new Map(Object.entries(record(kept())).flatMap(([place, top]) => (typeof top === 'number' ? [[place, top]] : [])))
    addEventListener('pagehide', () => sessionStorage.setItem(SCROLLS, JSON.stringify(Object.fromEntries(read()))))
  }
  return scrolls
}

function kept(): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(SCROLLS) ?? '{}')
  } catch {
    return {}
  }
}

/** Somebody signed out: where they were is nobody's business. */
export function forgetScrolls(): void {
  scrolls?.clear()
  sessionStorage.removeItem(SCROLLS)
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
