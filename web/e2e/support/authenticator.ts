/** An authenticator: codes by RFC 6238 from a key in base32. */
import { createHmac } from 'node:crypto'

const STEP_MS = 30_000
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function bytes(base32: string): Buffer {
  const bits = [...base32.replaceAll(' ', '')].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}

const now = (): number => Math.floor(Date.now() / STEP_MS)

/** One authenticator never shows the same code twice: it shows that of the next step then, which the server takes a step early. */
export class Authenticator {
  readonly #seed: Buffer
  #last = 0

  constructor(key: string) {
    this.#seed = bytes(key)
  }

  /** A code that was not shown before. */
  async next(): Promise<string> {
    const step = Math.max(this.#last + 1, now())
    while (step > now() + 1) await new Promise((done) => setTimeout(done, 250))
    this.#last = step
    return this.#code(step)
  }

  /** The code that was shown last. */
  again(): string {
    return this.#code(this.#last)
  }

  #code(step: number): string {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(step))
    const mac = createHmac('sha1', this.#seed).update(counter).digest()
    const number = mac.readUInt32BE((mac.at(-1) ?? 0) & 15) & 0x7fffffff
    return String(number % 1_000_000).padStart(6, '0')
  }
}
