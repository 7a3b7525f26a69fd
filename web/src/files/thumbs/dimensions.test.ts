import { expect, test } from 'vitest'
import { dimensionsOf } from './dimensions'

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0))

function check(bytes: number[], expected: [number, number] | undefined): void {
  const found = dimensionsOf(Uint8Array.from([...bytes, ...Array.from({ length: 40 }, () => 0)]))
  expect(found).toEqual(expected === undefined ? undefined : { width: expected[0], height: expected[1] })
}

test('a picture says how large it is before it is decoded', () => {
  check([0x89, ...ascii('PNG\r\n\u001a\n'), 0, 0, 0, 13, ...ascii('IHDR'), 0, 0, 0x75, 0x30, 0, 1, 0, 0], [30_000, 65_536])
  check([...ascii('GIF89a'), 0x40, 1, 0xf0, 0], [320, 240])
  check([...ascii('RIFF'), 0, 0, 0, 0, ...ascii('WEBPVP8X'), 10, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0x0f, 0, 0], [65_536, 16])
  check([...ascii('RIFF'), 0, 0, 0, 0, ...ascii('WEBPVP8 '), 10, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 0x20, 0x40, 0x10, 0], [32, 16])
  check([...ascii('RIFF'), 0, 0, 0, 0, ...ascii('WEBPVP8L'), 10, 0, 0, 0, 0x2f, 0x1f, 0xc0, 0x03, 0], [32, 16])
  // A table of Huffman codes stands before the frame.
  check([0xff, 0xd8, 0xff, 0xc4, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 0x10, 0, 0x20, 0], [8_192, 4_096])
})

test('what does not say it, or ends before, has no size', () => {
  check(ascii('<svg width="10" height="10"/>'), undefined)
  check([0xff, 0xd8, 0xff, 0xda], undefined)
  expect(dimensionsOf(Uint8Array.from([0xff, 0xd8, 0xff]))).toBeUndefined()
  expect(dimensionsOf(new Uint8Array())).toBeUndefined()
})
