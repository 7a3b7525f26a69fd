/** Numbers, sizes, times and counts, in the reader's language. */
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' })
const rules = new Intl.PluralRules('en')

export function count(n: number): string {
  return whole.format(n)
}

/** A size in decimal units, as S3 and disks are sold: 1 KB is 1,000 bytes. */
export function bytes(n: number): string {
  let value = n
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit > 0 && value < 100 ? oneDigit : whole
  return `${digits.format(value)} ${UNITS[unit] ?? ''}`
}

export function date(at: string | number): string {
  return formatted(day, at)
}

export function dateTime(at: string | number): string {
  return formatted(moment, at)
}

export function toTheSecond(at: string | number): string {
  return formatted(precise, at)
}

function formatted(format: Intl.DateTimeFormat, at: string | number): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? '–' : format.format(time)
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${oneDigit.format(seconds / 3600)} h`
}

export function plural(n: number, one: string, other: string): string {
  return rules.select(n) === 'one' ? one : other
}

/** `7 files`, `1 file`. */
export function counted(n: number, one: string, other: string): string {
  return `${count(n)} ${plural(n, one, other)}`
}
