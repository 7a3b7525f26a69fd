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

const scrolls = new Map<string, number>()

/** Pixels from the top. Known for as long as the page is not loaded anew. */
export function rememberedScroll(place: string): number {
  return scrolls.get(place) ?? 0
}

export function rememberScroll(place: string, top: number): void {
  scrolls.delete(place)
  if (top > 0) scrolls.set(place, top)
  for (const [oldest] of scrolls) {
    if (scrolls.size <= SCROLLS_MAX) break
    scrolls.delete(oldest)
  }
}

/** Somebody signed out: where they were is nobody's business. */
export function forgetScrolls(): void {
  scrolls.clear()
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
