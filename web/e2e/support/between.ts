/** What stands between browsers and the store in some tests: forwards, keeps a log, and breaks connections on purpose. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { freePort } from './house'

/** One request that reached the proxy; CORS preflights are not kept. */
export interface Passed {
  method: string
  /** Path and query, without the signature. */
  what: string
  /** What the store answered, if it did. */
  status?: number
  /** Whether the answer reached whoever asked. */
  told: boolean
}

export type Fate = 'pass' | 'reset' | 'lose-the-answer'

export class Between {
  readonly log: Passed[] = []
  upstream = ''
  /** Asked for each PUT of a part, counted from 1. */
  fate: (put: number) => Fate = () => 'pass'
  /** Awaited before a part is passed on. */
  gate: () => Promise<void> = () => Promise.resolve()
  private puts = 0
  readonly address: string
  private readonly server: Server

  private constructor(server: Server, port: number) {
    this.server = server
    this.address = `http://127.0.0.1:${port}`
  }

  static async open(): Promise<Between> {
    const port = await freePort()
    const server = createServer()
    const between = new Between(server, port)
    server.on('request', (asked, answer) => void between.pass(asked, answer))
    await new Promise<void>((open) => server.listen(port, '127.0.0.1', open))
    return between
  }

  close(): Promise<void> {
    this.server.closeAllConnections()
    return new Promise((closed) => this.server.close(() => closed()))
  }

  /** The parts that the store has acknowledged, by `partNumber` and upload, with how often each. */
  get stored(): Map<string, number> {
    const times = new Map<string, number>()
    for (const { what, status } of this.log) {
      if (status === 200 && what.includes('partNumber=')) times.set(what, (times.get(what) ?? 0) + 1)
    }
    return times
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '' } = asked
    const part = method === 'PUT' && url.includes('partNumber=')
    const entry: Passed = { method, what: unsigned(url), told: false }
    if (method !== 'OPTIONS') this.log.push(entry)
    const fate = part ? this.fate((this.puts += 1)) : 'pass'
    if (part) await this.gate()
    if (fate === 'reset') return this.reset(asked)
    const out = request(this.upstream + url, { method, headers: asked.headers }, (got) => {
      entry.status = got.statusCode ?? 0
      if (fate === 'lose-the-answer') {
        got.resume()
        got.on('end', () => asked.socket.resetAndDestroy())
        return
      }
      answer.writeHead(entry.status, got.headers)
      got.pipe(answer)
      answer.on('finish', () => (entry.told = true))
    })
    out.on('error', () => asked.socket.destroy())
    answer.on('close', () => out.destroy())
    asked.pipe(out)
  }

  /** Takes some of the body, and no more. */
  private reset(asked: IncomingMessage): void {
    let taken = 0
    asked.on('data', (chunk: Buffer) => {
      taken += chunk.length
      if (taken > 256 * 1024) asked.socket.resetAndDestroy()
    })
    asked.on('end', () => asked.socket.resetAndDestroy())
  }
}

function unsigned(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const kept = [...searchParams].filter(([name]) => !name.toLowerCase().startsWith('x-amz-')).map(([name, value]) => `${name}=${value}`)
  return `${pathname}?${kept.sort().join('&')}`
}
