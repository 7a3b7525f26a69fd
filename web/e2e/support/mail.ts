/** The mails that a house has put into the folder of its `file` transport. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { House } from './house'
import { expect } from './test'

/** A house with these settings puts its mail into files. */
export const MAIL_INTO_FILES = { WELLHOUSE_MAIL__TRANSPORT: 'file' }

async function mails(house: House): Promise<string[]> {
  const folder = join(house.folder, 'data', 'mail')
  const names = await readdir(folder).catch((): string[] => [])
  const texts = await Promise.all(names.filter((name) => name.endsWith('.eml')).map((name) => readFile(join(folder, name), 'utf8')))
  return texts.map(decoded)
}

/** Quoted-printable, where a message is written so. */
function decoded(text: string): string {
  if (!/^Content-Transfer-Encoding: quoted-printable\r?$/im.test(text)) return text
  return text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Waits for a mail with this subject to this address. */
export async function mailTo(house: House, address: string, subject: string): Promise<string> {
  const found = async (): Promise<string | undefined> =>
    (await mails(house)).find((text) => text.includes(`To: ${address}`) && text.includes(`Subject: ${subject}`))
  await expect.poll(async () => (await found()) !== undefined, { timeout: 30_000, message: `${subject} to ${address}` }).toBe(true)
  return (await found()) ?? ''
}

/** The link in a mail. */
export function linkIn(text: string): string {
  return /\S+#token=[0-9a-f]{64}/.exec(text)?.[0] ?? ''
}
