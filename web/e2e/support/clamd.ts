/** A scanner for a house to ask: it speaks clamd's protocol and knows one file, that of EICAR. */
import { createServer, type Server, type Socket } from 'node:net'
import { freePort } from './house'

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
