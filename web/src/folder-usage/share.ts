/** Shares of a whole. */

/** In hundredths; of nothing, none. */
export function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(100, Math.round((part / whole) * 100))
}
