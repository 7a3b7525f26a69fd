/** Moments: as an address holds them, and as a field of date and time does, in the reader's own time. */

/** `2026-11-01T10:00:00Z` for what a field holds; undefined where that is no moment. */
export function toMoment(local: string): string | undefined {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`
}

/** What is asked for: an hour that comes twice means the address's, as long as the field holds what the address does. */
export function meant(local: string, at: string | undefined): string | undefined {
  return at !== undefined && local === toLocal(at) ? at : toMoment(local)
}

/** What a field holds for a moment; seconds only where there are some. */
export function toLocal(moment: string): string {
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return ''
  const own = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString()
  return own.slice(17, 19) === '00' ? own.slice(0, 16) : own.slice(0, 19)
}

/** Yesterday at this minute, which is where somebody begins to look. */
export function yesterday(now: number): string {
  return toLocal(new Date(now - 86_400_000).toISOString()).slice(0, 16)
}

/** The moment that an address holds; what is none is left out. */
export function momentAsked({ at }: Record<string, unknown>): { at?: string } {
  return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? { at } : {}
}
