/** What the command palette finds. */

export interface Findable {
  label: string
  /** Words that also find it, such as the way to a folder. */
  more?: string | undefined
}

/** Whatever has all words of the text, those whose label begins with it first; at most `max`. */
export function found<T extends Findable>(items: readonly T[], text: string, max: number): T[] {
  const words = text.toLocaleLowerCase().split(/\s+/u).filter((word) => word !== '')
  if (words.length === 0) return items.slice(0, max)
  const [first = ''] = words
  const hits: T[] = []
  const others: T[] = []
  for (const item of items) {
    const label = item.label.toLocaleLowerCase()
    const all = `${label} ${item.more?.toLocaleLowerCase() ?? ''}`
    if (!words.every((word) => all.includes(word))) continue
    if (!label.startsWith(first)) others.push(item)
    else if (hits.push(item) === max) return hits
  }
  return [...hits, ...others].slice(0, max)
}
