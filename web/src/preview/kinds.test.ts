/** What a name is shown as, held against what the server gives a type to. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { kindOf, languageOf, mediaTypeOf, SHOWN_BY_TYPE } from './kinds'

const server = readFileSync(new URL('../../../crates/wh-files/src/downloads.rs', import.meta.url), 'utf8')

/** Extension → type, as `harmless_type` has them. */
function typesOfServer(): Map<string, string> {
  const arms = server.slice(server.indexOf('fn harmless_type'), server.indexOf('#[cfg(test)]'))
  const types = new Map<string, string>()
  for (const [, extensions = '', type = ''] of arms.matchAll(/((?:"\w+"\s*\|?\s*)+)=> "(\w+\/[\w+-]+)"/g)) {
    for (const [, extension = ''] of extensions.matchAll(/"(\w+)"/g)) types.set(extension, type)
  }
  return types
}

test('the browser is left to show exactly what the server gives a type to', () => {
  const types = typesOfServer()
  for (const [kind, extensions] of Object.entries(SHOWN_BY_TYPE)) {
    for (const extension of extensions) {
      expect(types.get(extension), extension).toMatch(kind === 'pdf' ? /^application\/pdf$/ : new RegExp(`^${kind}/`))
    }
  }
  expect([...types.keys()].sort()).toEqual(Object.values(SHOWN_BY_TYPE).flat().sort())
})

test('what a browser would run is text, or nothing', () => {
  for (const name of ['a.svg', 'a.html', 'A.HTM', 'a.xhtml', 'a.xml', 'a.js', 'a.mht', 'a.png.svg', 'a.rss']) {
    expect(kindOf(name), name).toBe('text')
  }
  for (const name of ['a.epub', 'a.swf', 'a.exe', 'a.svgz', 'a.zip', 'a', 'a.', 'a.png\u200B']) expect(kindOf(name), name).toBe('none')
})

test('names say what they are', () => {
  const expected = { 'a.PNG': 'image', 'b.webm': 'video', 'c.flac': 'audio', 'd.pdf': 'pdf', 'README.md': 'markdown', 'e.csv': 'table' }
  for (const [name, kind] of Object.entries(expected)) expect(kindOf(name), name).toBe(kind)
  for (const name of ['README', 'Dockerfile', '.gitignore', 'a.rs', 'a.log']) expect(kindOf(name), name).toBe('text')
  expect(languageOf('a.tsx')).toBe('javascript')
  expect(languageOf('a.txt')).toBeUndefined()
  expect(mediaTypeOf('a/b.html')).toBe('text/plain; charset=utf-8')
})
