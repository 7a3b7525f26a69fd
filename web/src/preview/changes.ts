/** What changed from one text to another, line by line, with some lines around each change. */
import { structuredPatch } from 'diff'

const AROUND = 3
/** Texts that share nothing take very long to compare, and there is nothing to see in it. */
const TIME_MS_MAX = 2_000
/** So many lines are drawn. */
export const LINES_SHOWN_MAX = 2_000

export interface Line {
  id: string
  /** Of a hunk the text is the number of its first line in the newer text. */
  kind: 'gone' | 'come' | 'same' | 'hunk'
  text: string
}

const KINDS: Record<string, Line['kind']> = { '-': 'gone', '+': 'come', ' ': 'same' }

/** Nothing where they are too different to be compared; no lines where they are the same. */
export function linesOf(before: string, now: string): Line[] | undefined {
  const patch = structuredPatch('', '', before, now, undefined, undefined, { context: AROUND, timeout: TIME_MS_MAX })
  return patch?.hunks.flatMap(({ newStart, lines }) => [head(newStart)].concat(lines.flatMap((line, n) => changed(line, `${newStart}.${n}`))))
}

function head(at: number): Line {
  return { id: `${at}`, kind: 'hunk', text: `${at}` }
}

/** That a text ends without a line break is no line of its own. */
function changed(line: string, id: string): Line[] {
  const kind = KINDS[line.charAt(0)]
  return kind === undefined ? [] : [{ id, kind, text: line.slice(1) }]
}
