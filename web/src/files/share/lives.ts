/** How long a link may live, as it is offered; and how often, as it is typed. */
import { m } from '../../i18n/messages'

/** In the place of a number of days. */
export const ENDLESS = 'endless'

const DAYS = [1, 7, 30, 90, 365]

export function lives(daysMax: number | null): { value: string; label: string }[] {
  const days = daysMax === null ? DAYS : [...DAYS.filter((one) => one < daysMax), daysMax]
  const offered = days.map((one) => ({ value: String(one), label: m.links.days(one) }))
  return daysMax === null ? [...offered, { value: ENDLESS, label: m.links.endless() }] : offered
}

/** What was typed as a number: `null` for nothing, `undefined` for what is none. */
export function timesOf(typed: string): number | null | undefined {
  const text = typed.trim()
  if (text === '') return null
  const times = Number(text)
  return Number.isSafeInteger(times) && times >= 1 && times <= 1_000_000 ? times : undefined
}
