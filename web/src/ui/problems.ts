/** What a failed request is called in front of a person. */
import { isProblem, UNREACHABLE } from '../api/problem'
import { m } from '../i18n/messages'

export function describe(error: unknown): string {
  if (!isProblem(error)) return m.common.unexpected(error instanceof Error ? error.name : 'unknown')
  if (error.code === UNREACHABLE) return m.common.noAnswer()
  if (error.status === 401) return m.common.signedOut()
  if (error.facts.explanation !== undefined) return error.facts.explanation.message
  return sentence(error.facts.detail ?? error.facts.title)
}

/** The server writes its reasons as clauses: no capital, no full stop. */
export function sentence(clause: string): string {
  const [first = '', ...rest] = clause
  const text = first.toLocaleUpperCase() + rest.join('')
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
