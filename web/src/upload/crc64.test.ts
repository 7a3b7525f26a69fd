import { describe, expect, test } from 'vitest'
import { combine, crc64, fromBase64, toBase64 } from './crc64'

const text = (s: string): Uint8Array => new TextEncoder().encode(s)

describe('CRC-64/NVME', () => {
  test('matches the published check value', () => {
    expect(crc64(text('123456789')).toString(16)).toBe('ae8b14860a799888')
  })

  test('of nothing is zero, and so it is written', () => {
    expect(toBase64(crc64(new Uint8Array()))).toBe('AAAAAAAAAAA=')
  })

  test.each([0, 1, 7, 8, 40_000, 100_002, 100_003])('of two halves cut at %i is that of the whole', (cut) => {
    const whole = Uint8Array.from({ length: 100_003 }, (_, i) => i * 7)
    const [a, b] = [whole.subarray(0, cut), whole.subarray(cut)]
    expect(combine(crc64(a), crc64(b), b.length)).toBe(crc64(whole))
  })

  test('joins many parts of one length and a shorter last one', () => {
    const whole = Uint8Array.from({ length: 10_500 }, (_, i) => (i * 31) >> 3)
    let crc = 0n
    for (let at = 0; at < whole.length; at += 1000) {
      const part = whole.subarray(at, at + 1000)
      crc = combine(crc, crc64(part), part.length)
    }
    expect(crc).toBe(crc64(whole))
  })

  test('reads what it writes', () => {
    expect(fromBase64(toBase64(0xae8b14860a799888n))).toBe(0xae8b14860a799888n)
  })
})
