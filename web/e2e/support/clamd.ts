/** A scanner for a house to ask: it speaks clamd's protocol and knows one file, that of EICAR. */
import { createServer, type Server, type Socket } from 'node:net'
import { expect, type Fixtures as Given, type Page } from '@playwright/test'
import { freePort, startHouse, type House } from './house'

/** In two halves, so that no scanner takes this file for it. Source: EICAR, "Anti-malware test file". */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTI', 'VIRUS-TEST-FILE!$H+H*'].join('')

export interface Clamd {
  address: string
  /** Whether it answers when it has taken a file. */
  answers: boolean
  stop(): Promise<void>
}

export async function startClamd(): Promise<Clamd> {
  const port = await freePort()
  const clamd: Clamd = {
    address: `tcp 127.0.0.1:${port}`,
    answers: true,
    stop: () => new Promise((resolve) => void server.close(() => resolve())),
  }
  const server: Server = createServer((socket) => talk(socket, () => clamd.answers))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  server.unref()
  return clamd
}

function talk(socket: Socket, answers: () => boolean): void {
  let heard = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    heard = Buffer.concat([heard, bytes])
    const told = answerTo(heard)
    if (told !== undefined && (answers() || told === 'PONG')) socket.end(`${told}\0`)
  })
}

/** Nothing, until all has come. A file ends with an empty block. */
function answerTo(heard: Buffer): string | undefined {
  if (heard.subarray(0, 6).toString() === 'zPING\0') return 'PONG'
  if (heard.subarray(0, 9).toString() === 'zVERSION\0') return 'ClamAV of the tests'
  let at = 'zINSTREAM\0'.length
  while (at + 4 <= heard.length) {
    const size = heard.readUInt32BE(at)
    if (size === 0) return heard.includes(EICAR) ? 'stream: Eicar-Of-The-Tests FOUND' : 'stream: OK'
    at += 4 + size
  }
  return undefined
}

export interface Scanned {
  clamd: Clamd
}

/** A house whose new files are scanned. */
export const withClamd: Given<Scanned & { house: House }, object, { settings: Record<string, string>; house: House }> = {
  // Playwright reads the fixture's dependencies from this destructuring.
  // oxlint-disable-next-line no-empty-pattern
  clamd: async ({}, use) => {
    const clamd = await startClamd()
    await use(clamd)
    await clamd.stop()
  },
  house: [
    async ({ clamd, settings }, use) => {
      const house = await startHouse({ ...settings, WELLHOUSE_SCAN__CLAMD: clamd.address })
      await use(house)
      await house.stop()
    },
    { scope: 'test', timeout: 120_000 },
  ],
}

/** Looks again until the row says so. */
export async function showsInRow(page: Page, name: string, text: string | RegExp): Promise<void> {
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText(text, { timeout: 2_000 })
  }).toPass({ timeout: 60_000 })
}
