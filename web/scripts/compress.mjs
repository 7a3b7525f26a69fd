/** Writes a Brotli copy (quality 11) next to every text asset in dist, which the server sends to clients that accept it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const dist = new URL('../dist', import.meta.url).pathname
const TEXT = /\.(?:html|js|css|svg|json)$/

for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  if (!TEXT.test(file)) continue
  const bytes = readFileSync(join(dist, file))
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(join(dist, `${file}.br`), brotliCompressSync(bytes, { params }))
}
