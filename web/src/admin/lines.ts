/** Two short texts, line by line. */

export interface DifferingLine {
  id: string
  kind: 'gone' | 'come'
  text: string
}

/** The lines that only one of them has, in order; lines that are only moved are both. Policies have few lines. */
export function differingLines(before: string, after: string): readonly DifferingLine[] {
  const [old, now] = [before.split('\n'), after.split('\n')]
  const longest = table(old, now)
  const out: DifferingLine[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]]
    if (left !== undefined && left === right) {
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || (longest[i + 1]?.[j] ?? 0) >= (longest[i]?.[j + 1] ?? 0))) {
      out.push({ id: `-${String(i)}`, kind: 'gone', text: left })
      i += 1
    } else {
      out.push({ id: `+${String(j)}`, kind: 'come', text: right ?? '' })
      j += 1
    }
  }
  return out
}

/** The lengths of the longest common sequences of lines from each place on. */
function table(old: readonly string[], now: readonly string[]): number[][] {
  const rows: number[][] = Array.from({ length: old.length + 1 }, () => Array.from({ length: now.length + 1 }, () => 0))
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const here = rows[i]
      if (here !== undefined) {
        here[j] = old[i] === now[j] ? (rows[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(rows[i + 1]?.[j] ?? 0, here[j + 1] ?? 0)
      }
    }
  }
  return rows
}
