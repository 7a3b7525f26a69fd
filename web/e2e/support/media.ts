/** Small files of the kinds that a browser shows by itself, made here byte by byte. */
import { crc32, deflateSync } from 'node:zlib'
import type { Page } from '@playwright/test'

export interface Made {
  name: string
  mimeType: string
  buffer: Buffer
}

export function made(name: string, content: string | Buffer): Made {
  return { name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) }
}

/** A picture of colours that run into one another. */
export function png(width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set([(x * 255) / width, (y * 255) / height, 140], y * (1 + width * 3) + 1 + x * 3)
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** A tone, 44.1 kHz, 16 bit, two channels: 10.6 MB a minute. */
export function wav(seconds: number): Buffer {
  const rate = 44_100
  const bytes = rate * 4 * seconds
  const out = Buffer.alloc(44 + bytes)
  out.write('RIFF', 0)
  out.writeUInt32LE(36 + bytes, 4)
  out.write('WAVEfmt ', 8)
  out.writeUInt32LE(16, 16)
  out.writeUInt16LE(1, 20)
  out.writeUInt16LE(2, 22)
  out.writeUInt32LE(rate, 24)
  out.writeUInt32LE(rate * 4, 28)
  out.writeUInt16LE(4, 32)
  out.writeUInt16LE(16, 34)
  out.write('data', 36)
  out.writeUInt32LE(bytes, 40)
  for (let n = 0; n < rate * seconds; n++) {
    const level = Math.round(6000 * Math.sin((n * 2 * Math.PI * 220) / rate))
    out.writeInt16LE(level, 44 + n * 4)
    out.writeInt16LE(level, 46 + n * 4)
  }
  return out
}

/** A PDF of one page, with whatever `action` its catalogue is to carry. */
export function pdf(text: string, action = ''): Buffer {
  const stream = `BT /F1 24 Tf 30 90 Td (${text}) Tj ET`
  const objects = [
    `<</Type/Catalog/Pages 2 0 R${action}>>`,
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 320 180]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ]
  let out = '%PDF-1.4\n'
  const at = objects.map((object, n) => {
    const offset = out.length
    out += `${n + 1} 0 obj\n${object}\nendobj\n`
    return offset
  })
  const table = out.length
  const lines = at.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  out += `xref\n0 6\n0000000000 65535 f \n${lines}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${table}\n%%EOF`
  return Buffer.from(out, 'latin1')
}

/** Two seconds of a moving square, recorded by the browser itself. */
export async function webm(page: Page): Promise<Buffer> {
  const text = await page.evaluate(async () => {
    const canvas = document.createElement('canvas')
    canvas.width = 320
    canvas.height = 180
    const pen = canvas.getContext('2d')
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm;codecs=vp8' })
    const pieces: Blob[] = []
    recorder.addEventListener('dataavailable', (event) => pieces.push(event.data))
    recorder.start()
    for (let n = 0; n < 50; n++) {
      if (pen !== null) {
        pen.fillStyle = '#134'
        pen.fillRect(0, 0, 320, 180)
        pen.fillStyle = '#fc6'
        pen.fillRect(n * 5, 60, 60, 60)
      }
      await new Promise((next) => setTimeout(next, 40))
    }
    await new Promise((done) => {
      recorder.addEventListener('stop', done)
      recorder.stop()
    })
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer())
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  })
  return Buffer.from(text, 'latin1')
}
