/** Rules of the house that no type can hold: who imports whom, and that every message is used. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { de } from '../src/i18n/de'
import { en } from '../src/i18n/en'
import { m, speak } from '../src/i18n/messages'

const src = new URL('../src', import.meta.url).pathname
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  .map((file) => ({ file, text: readFileSync(join(src, file), 'utf8') }))

const FEATURES = ['account', 'admin', 'files', 'preview', 'upload']
const FOUNDATIONS = ['api', 'i18n', 'ui']

test('features import only ui, api and i18n, and what is below imports no feature', () => {
  const wrong = files.flatMap(({ file, text }) => {
    const from = file.split('/')[0] ?? ''
    if (![...FEATURES, ...FOUNDATIONS].includes(from)) return []
    const targets = [...text.matchAll(/from '\.\.\/([a-z0-9]+)\//g)].map((match) => match[1] ?? '')
    return targets.filter((to) => to !== from && !FOUNDATIONS.includes(to)).map((to) => `${file} → ${to}`)
  })
  expect(wrong).toEqual([])
})

test('the engine does not know React', () => {
  const engine = files.filter(({ file }) => file.startsWith('upload/') && file.endsWith('.ts'))
  expect(engine.filter(({ text }) => /from 'react/.test(text)).map(({ file }) => file)).toEqual([])
})

test('nothing casts outside the parsers, and nothing writes markup', () => {
  const product = files.filter(({ file }) => !file.includes('.test.'))
  const found = product.filter(({ text }) => /\bas (?!const\b)[A-Z{a-z]\w*[\s);,\]]|innerHTML|dangerously/.test(code(text)))
  expect(found.map(({ file }) => file)).toEqual([])
})

/** Without comments, sentences and renaming imports. */
function code(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
    .replace(/^import[^]*?from .*$/gm, '')
    .replace(/`[^`]*`|'[^'\n]*'|"[^"\n]*"/g, "''")
}

test('every message is a function that says something', () => {
  for (const [key, message] of messages()) {
    expect(message.length, key).toBeLessThanOrEqual(3)
    expect(message(2, 5, 1), key).toMatch(/\S/)
  }
})

test('every message is used', () => {
  const all = files.filter(({ file }) => !file.startsWith('i18n/')).map(({ text }) => text).join('\n')
  const unused = messages()
    .map(([key]) => key)
    .filter((key) => !all.includes(`m.${key}`) && !all.includes(`m.${key.replace(/\.[^.]+$/, '')}[`))
  expect(unused).toEqual([])
})

test('no sentence is written in a screen', () => {
  const screens = files.filter(({ file }) => file.endsWith('.tsx') && !file.includes('.test.'))
  const found = screens.filter(({ text }) => />\s*[A-Z][a-z]+ [a-z][^<>{}();=]*</.test(text) || /(?:label|title|placeholder|aria-label)="[A-Z]/.test(text))
  expect(found.map(({ file }) => file)).toEqual([])
})

test('what stands at one side stands at the other where one reads from right to left', () => {
  const styles = readdirSync(join(src, 'styles')).map((file) => [file, readFileSync(join(src, 'styles', file), 'utf8')] as const)
  const found = styles.flatMap(([file, text]) => [...text.matchAll(/(?:margin|padding|inset): *(\S+) (\S+) (\S+) ([^\s;]+);/g)].filter(([, , right, , left]) => right !== left && left !== '50%').map(([rule]) => `${file}: ${rule}`))
  expect(found).toEqual([])
  expect(styles.filter(([, text]) => /(?:margin|padding|border)-(?:left|right)\b|text-align: *(?:left|right)/.test(text)).map(([file]) => file)).toEqual([])
})

/**
 * A name that holds a right-to-left override reads as another one. What is shown of names, paths and titles goes through a
 * message or `Name`; an attribute takes `visibleName`.
 */
test('no screen shows a name as it came', () => {
  const chosen = String.raw`\{(?:\w+\.)*(?:name|path|way|prefix|resource)\}`
  const raw = new RegExp(String.raw`(?:>|^)\s*(?:[^<>{}=]*)${chosen}|\s(?:title|aria-label|label|alt)=${chosen}`, 'gm')
  const screens = files.filter(({ file }) => /^(?:app|files|jobs|preview|trash|upload)\/|^admin\/(?:Requests|Audit|People|Person)/.test(file) && file.endsWith('.tsx') && !file.includes('.test.'))
  const found = screens.flatMap(({ file, text }) => [...text.matchAll(raw)].map(([what]) => `${file}: ${what.trim()}`))
  expect(found).toEqual([])
})

test('no message shows a hidden character of what it is given, in any language', async () => {
  const trap = 'photo\u202Egpj.exe'
  for (const language of ['en', 'de'] as const) {
    await speak(language)
    const said = below('', { en, de }[language]).map(([key]) => [key, saidOf(key, trap)] as const)
    expect(said.filter(([, text]) => text.includes('\u202E'))).toEqual([])
    expect(m.files.removeTitle(1, trap)).toContain('photo⟨U+202E⟩gpj.exe')
  }
  await speak('en')
})

/** What the message in use says of one name in every place. */
function saidOf(key: string, name: string): string {
  const [group = '', message = ''] = key.split('.')
  const found: unknown = Reflect.get(Object(Reflect.get(m, group)), message)
  return typeof found === 'function' ? String(Reflect.apply(found, undefined, [name, name, name])) : ''
}

type Message = (...args: unknown[]) => string

function messages(): [string, Message][] {
  return below('', en)
}

function below(prefix: string, value: unknown): [string, Message][] {
  if (typeof value === 'function') return [[prefix, (...args) => String(Reflect.apply(value, undefined, args))]]
  return Object.entries(value ?? {}).flatMap(([key, v]) => below(prefix === '' ? key : `${prefix}.${key}`, v))
}

test('no message is kept in a constant, where another language would not reach it', () => {
  const kept = files.filter(({ text }) => constants(text).some((constant) => /\bm\.\w+\.\w+\b(?!\()/.test(constant)))
  expect(kept.map(({ file }) => file)).toEqual([])
})

/** The lists and records that a module makes when it is loaded. */
function constants(text: string): string[] {
  return text.match(/^(?:export )?const \w+[^\n]* = [[{](?:.*[\]}]$|[^]*?^[\]}])/gm) ?? []
}
