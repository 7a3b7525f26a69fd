/** What a failed request is called in front of a person. */
import { isProblem, UNREACHABLE } from '../api/problem'
import type { Explanation } from '../api/types'
import { m } from '../i18n/messages'
import { refusalOf } from './Why'

/** A statement refuses these, but what was found says more than the statement. */
const HELD_BACK: ReadonlySet<string> = new Set(['file-infected', 'file-not-scanned', 'file-not-scannable'])

/** Whether the scan for malware holds it back: no other role would open it. */
export function isHeldBack(error: unknown): boolean {
  return isProblem(error) && HELD_BACK.has(error.code)
}

/** What refuses it, where the scan for malware holds it back. */
export function heldBackBy(error: unknown): Explanation | undefined {
  return isProblem(error) && isHeldBack(error) ? error.facts.explanation : undefined
}

export function describe(error: unknown): string {
  if (!isProblem(error)) return m.common.unexpected(error instanceof Error ? error.name : 'unknown')
  if (error.code === UNREACHABLE) return m.common.noAnswer()
  if (error.status === 401) return m.common.signedOut()
  const { code, detail, title, explanation } = error.facts
  if (explanation !== undefined && !HELD_BACK.has(code)) return m.refusals.access(explanation.message, refusalOf(explanation))
  return refused(code, detail ?? title)
}

/** What the server refused, in the reader's language. */
export function refused(code: string, detail: string): string {
  return sentence(m.refusals.of(code, detail))
}

/** The server writes its reasons as clauses: no capital, no full stop. */
function sentence(clause: string): string {
  const [first = '', ...rest] = clause
  const text = first.toLocaleUpperCase() + rest.join('')
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
