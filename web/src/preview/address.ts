/** Which addresses a file may lead a person to. */

const SAFE = new Set(['http:', 'https:', 'mailto:'])

/** The address, if it is whole and of a kind that runs nothing; relative ones would lead into this application. */
export function safeAddress(address: string | undefined): string | undefined {
  try {
    const url = new URL(address ?? '')
    return SAFE.has(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}
