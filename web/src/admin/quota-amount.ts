/** Reads how much there may be: a size with its unit, and a number of files. */

const UNITS: Record<string, number> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 }

interface Limits {
  limit_bytes: number | null
  limit_objects: number | null
}

/** Null where neither is said, or one cannot be read. */
export function amountOf(size: string, files: string): Limits | null {
  const limit_bytes = size.trim() === '' ? null : sizeOf(size)
  const limit_objects = files.trim() === '' ? null : wholeOf(files)
  if (limit_bytes === undefined || limit_objects === undefined) return null
  return limit_bytes === null && limit_objects === null ? null : { limit_bytes, limit_objects }
}

function sizeOf(text: string): number | undefined {
  const [, number = '', unit = ''] = /^\s*(\d+(?:[.,]\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? []
  const factor = UNITS[unit === '' ? 'B' : unit.toUpperCase()]
  if (number === '' || factor === undefined) return undefined
  const bytes = Math.round(Number(number.replace(',', '.')) * factor)
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

function wholeOf(text: string): number | undefined {
  const n = Number(text.trim())
  return Number.isSafeInteger(n) && n >= 0 ? n : undefined
}
