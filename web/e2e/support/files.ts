/** Files to upload: made on disk, in blocks, from a seed. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const MIB = 1 << 20

/** Writes `mib` MiB of random bytes; gives the SHA-256. */
export async function largeFile(path: string, mib: number): Promise<string> {
  const file = await open(path, 'w')
  const hash = createHash('sha256')
  for (let written = 0; written < mib; written += 16) {
    const block = randomBytes(Math.min(16, mib - written) * MIB)
    hash.update(block)
    await file.write(block)
  }
  await file.close()
  return hash.digest('hex')
}

/** The SHA-256 of a file. */
export async function digest(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const block of createReadStream(path)) hash.update(block)
  return hash.digest('hex')
}

/** A folder of `count` small files in a few sub-folders, names in several scripts. */
export async function folderOfFiles(path: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const folder = join(path, ['letters', 'letters/ünï', 'bilder 🦀', 'a+b'][n % 4] ?? 'letters')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `file ${String(n).padStart(3, '0')}.txt`), n === 0 ? '' : `content of ${n}`)
  }
}
