/** Where two texts part: from two lines above the first line that differs. */
const LINES_ABOVE = 2
const LINES_MAX = 60

export interface Differing {
  /** The number of the first line that is shown, from 1. */
  line: number
  theirs: string
  mine: string
}

export function differing(theirs: string, mine: string): Differing {
  const [a, b] = [theirs.split(/\r?\n/), mine.split(/\r?\n/)]
  let at = 0
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1
  const from = Math.max(0, at - LINES_ABOVE)
  const some = (lines: string[]): string => lines.slice(from, from + LINES_MAX).join('\n')
  return { line: from + 1, theirs: some(a), mine: some(b) }
}
