/**
 * Writes a Brotli copy (quality 11) next to each text asset in dist that gets smaller by at least three kilobytes, which
 * the server sends to clients that accept it. Of the many small ones both copies would take more room in the binary than
 * they ever spare on the way.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const SPARED_MIN = 3_072
const TEXT = /\.(?:html|js|css|svg|json)$/

for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!TEXT.test(file)) continue
  const bytes = readFileSync(join(dist, file))
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT, [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  const packed = brotliCompressSync(bytes, { params })
  if (bytes.length - packed.length >= SPARED_MIN) writeFileSync(join(dist, `${file}.br`), packed)
}
