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
  /** Whether it went on to the store, to its last byte unless somebody hung up. */
  passed: boolean
  /** When it came, and when the store had answered; milliseconds. */
  came: number
  answered?: number
  fate: Fate
}

/**
 * A connection that is cut while the store writes leaves a part that the store has a moment later: whoever asks in that
 * moment is told that it has none.
 */
const WRITING_MS = 3_000


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

  /** The parts that were passed on: the store may have one though the connection for its answer was cut. */
  get passedOn(): Set<string> {
    return new Set(this.log.filter(({ what, passed }) => passed && what.includes('partNumber=')).map(({ what }) => what))
  }

  /** The parts that came again though the store had them, as far as whoever sent them could know. */
  get sentAgain(): string[] {
    const had = this.log.filter(({ what, status }) => status === 200 && what.includes('partNumber='))
    return this.log.filter(({ what, came, method }) => method === 'PUT' && had.some((part) => part.what === what && hadAt(part) < came)).map(({ what }) => what)
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = '', url = '' } = asked
    const part = method === 'PUT' && url.includes('partNumber=')
    const fate = part ? this.fate((this.puts += 1)) : 'pass'
    const entry: Passed = { method, what: unsigned(url), told: false, passed: false, came: Date.now(), fate }
    if (method !== 'OPTIONS') this.log.push(entry)
    let gone = false
    answer.on('close', () => (gone = true))
    if (part) await this.gate()
    if (gone) return
    if (fate === 'reset') return this.reset(asked)
    entry.passed = true
    const out = request(this.upstream + url, { method, headers: asked.headers }, (got) => {
      entry.status = got.statusCode ?? 0
      entry.answered = Date.now()
      if (fate === 'lose-the-answer') {
        got.resume()
        got.on('end', () => asked.socket.resetAndDestroy())
        return
      }
      // On a connection that was used before, Chromium by itself sends a request again whose answer did not come.
      answer.writeHead(entry.status, { ...got.headers, connection: 'close' })
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

/** When whoever sent it could know that the store has it. */
function hadAt({ answered = Infinity, fate }: Passed): number {
  return answered + (fate === 'lose-the-answer' ? 0 : WRITING_MS)
}

function unsigned(url: string): string {
  const { pathname, searchParams } = new URL(url, 'http://store')
  const kept = [...searchParams].filter(([name]) => !name.toLowerCase().startsWith('x-amz-')).map(([name, value]) => `${name}=${value}`)
  return `${pathname}?${kept.sort().join('&')}`
}
