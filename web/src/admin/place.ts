/** Which place is asked about, as the address of the page holds it: a link to it asks the same again. */

export interface AskedPlace {
  /** Empty: the house's first. */
  bucket: string
  key: string
}

/** What the address says; without a key nothing is asked yet. */
export function placeAsked(search: Record<string, unknown>): Partial<AskedPlace> {
  const asked: Partial<AskedPlace> = {}
  for (const name of ['bucket', 'key'] as const) {
    const text = search[name]
    // An address that was typed may hold numbers.
    if (typeof text === 'string' || typeof text === 'number') asked[name] = String(text)
  }
  return asked
}
