/**
 * Puts the Brotli form (quality 11) of each text asset in dist in its place: the server embeds that alone, sends it to
 * clients that accept it, and unpacks it for the others.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const TEXT = /\.(?:html|js|css|svg|json)$/

for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  // Whoever builds the server looks for this one.
  if (!TEXT.test(file) || file === 'index.html') continue
  const bytes = readFileSync(join(dist, file))
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const packed = brotliCompressSync(bytes, { params })
  if (packed.length >= bytes.length) continue
  writeFileSync(join(dist, `${file}.br`), packed)
  rmSync(join(dist, file))
}
