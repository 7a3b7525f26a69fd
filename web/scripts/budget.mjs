/** Fails when the built interface outgrows its budget (sizes as gzip sends them, fonts as they are). Run after `npm run build`. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gzipSync } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const KB = 1000
/** CodeMirror, fetched when a text or a policy is opened. */
const EDITOR = /(?:^|\/)code-[^/]+\.js$/
const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((f) => statSync(join(dist, f)).isFile())
/** Text lies there as Brotli alone (`compress.mjs`). */
const text = (file) => (file.endsWith('.br') ? brotliDecompressSync(readFileSync(join(dist, file))) : readFileSync(join(dist, file)))
const gzip = (file) => gzipSync(text(file), { level: 9 }).length
const named = (file) => file.replace(/\.br$/, '')
const raw = (file) => statSync(join(dist, file)).size
const sum = (list, size) => list.reduce((total, file) => total + size(file), 0)

const html = readFileSync(join(dist, 'index.html'), 'utf8')
const scripts = files.filter((f) => named(f).endsWith('.js'))
const initial = scripts.filter((f) => html.includes(`/${named(f)}`))
const lazy = scripts.filter((f) => !initial.includes(f))
const latin = files.filter((f) => /-latin-(?!ext).*\.woff2$/.test(f))

const checks = [
  ['initial JavaScript', sum(initial, gzip), 230 * KB],
  ['CSS', sum(files.filter((f) => named(f).endsWith('.css')), gzip), 12 * KB],
  ['Latin fonts', sum(latin, raw), 65 * KB],
  ...lazy.map((f) => [`chunk ${named(f)}`, gzip(f), (EDITOR.test(named(f)) ? 160 : 60) * KB]),
  ['everything embedded', sum(files, raw), 1500 * KB],
]

let over = 0
for (const [what, size, limit] of checks) {
  const fits = size <= limit
  if (!fits) over += 1
  console.log(`${fits ? 'ok  ' : 'OVER'} ${what}: ${(size / KB).toFixed(1)} KB of ${limit / KB} KB`)
}
if (/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/.test(html)) {
  console.log('OVER index.html has an inline script or style')
  over += 1
}
process.exit(over === 0 ? 0 : 1)
