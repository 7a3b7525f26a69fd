/** Numbers, sizes, times and counts, in the reader's language. */
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const

interface Formats {
  whole: Intl.NumberFormat
  oneDigit: Intl.NumberFormat
  day: Intl.DateTimeFormat
  moment: Intl.DateTimeFormat
  precise: Intl.DateTimeFormat
  rules: Intl.PluralRules
}

let formats = formatsFor(undefined, 'en')

/** Writes as the browser's region does, if it speaks the language; else as the language does. */
export function writeFor(language: string): void {
  const own = globalThis.navigator?.languages ?? []
  const region = own.find((tag) => tag === language || tag.startsWith(`${language}-`))
  formats = formatsFor(region ?? language, language)
}

function formatsFor(locale: string | undefined, language: string): Formats {
  return {
    whole: new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }),
    oneDigit: new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }),
    day: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    moment: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    precise: new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' }),
    rules: new Intl.PluralRules(language),
  }
}

export function count(n: number): string {
  return formats.whole.format(n)
}

/** A size in decimal units, as S3 and disks are sold: 1 KB is 1,000 bytes. */
export function bytes(n: number): string {
  let value = n
  let unit = 0
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit > 0 && value < 100 ? formats.oneDigit : formats.whole
  return `${digits.format(value)} ${UNITS[unit] ?? ''}`
}

export function date(at: string | number): string {
  return formatted(formats.day, at)
}

export function dateTime(at: string | number): string {
  return formatted(formats.moment, at)
}

export function toTheSecond(at: string | number): string {
  return formatted(formats.precise, at)
}

function formatted(format: Intl.DateTimeFormat, at: string | number): string {
  const time = new Date(at)
  return Number.isNaN(time.getTime()) ? '–' : format.format(time)
}

export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${formats.oneDigit.format(seconds / 3600)} h`
}

export function plural(n: number, one: string, other: string): string {
  return formats.rules.select(n) === 'one' ? one : other
}

/** `7 files`, `1 file`. */
export function counted(n: number, one: string, other: string): string {
  return `${count(n)} ${plural(n, one, other)}`
}
