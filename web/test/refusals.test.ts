/** What the server can refuse, read from its sources, has a sentence in every other language. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BY_CODE } from '../src/i18n/de/refusals'
import { en } from '../src/i18n/en'
import { de } from '../src/i18n/de'

const ROOMS = ['wh-people', 'wh-files', 'wh-portal']

/** Said when the server starts, and to nobody's browser. */
const AT_THE_START = /^(?:invalid-s3-public-url|people-|provider-options)/

/** Why a link opens nothing stands in the audit trail: strangers are told one thing, by a page of the server's own. */
const OF_LINKS = /^link-(?:barred|expired|not-granted|not-shown|other-kind|owner-gone|password-needed|revoked|taken|unknown|used-up)$/

/** The same of file requests: what senders are told of their own files, their page says by itself. */
const OF_REQUESTS = /^request-(?:barred|expired|file-too-large|full|key-invalid|kind-refused|name-invalid|not-entered|not-granted|owner-gone|password-closed|revoked|sender-full|senders-full|store-unreachable|taken|unavailable|unknown)$/

const codes = new Set(ROOMS.flatMap(sources).flatMap(codesIn).filter((code) => !AT_THE_START.test(code) && !OF_LINKS.test(code) && !OF_REQUESTS.test(code)))

function sources(room: string): string[] {
  const src = new URL(`../../crates/${room}/src`, import.meta.url).pathname
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.rs') && !/(?:^|\/)tests(?:\/|\.rs$)/.test(file))
  return files.map((file) => readFileSync(join(src, file), 'utf8'))
}

/** The codes of an error's `code()`, of the portal's own problems, and of those made in place. */
function codesIn(source: string): string[] {
  const bodies = [...source.matchAll(/fn code\(&?self\) -> &'static str \{([^]*?)\n {4}\}\n/g)].map(([, body = '']) => body)
  const told = bodies.flatMap((body) => Array.from(body.matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)*)"/g)))
  const made = [...source.matchAll(/\("([a-z0-9-]+)", StatusCode::|coded\(StatusCode::\w+, "([a-z0-9-]+)"/g)]
  return [...told, ...made].flatMap(([, one, other]) => one ?? other ?? [])
}

test('each refusal is said in German', () => {
  expect(codes.size).toBeGreaterThan(140)
  expect([...codes].filter((code) => !BY_CODE.has(code)).sort()).toEqual([])
  expect([...BY_CODE].filter(([, text]) => !/^[A-ZÄÖÜ0-9].*\.$/.test(text) || /["']|\b(?:du|dich|dir|dein\w*)\b/i.test(text))).toEqual([])
})

test('what has no sentence is said by the server, and English is the server’s', () => {
  expect(de.refusals.of('new-one', 'the server says so')).toBe('the server says so')
  expect(en.refusals.of('busy', 'too many are signing in')).toBe('too many are signing in')
  expect(de.refusals.access('User: … is not authorized', 'RegularUserRole erlaubt das nicht.')).toBe('RegularUserRole erlaubt das nicht.')
})
