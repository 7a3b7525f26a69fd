/** A server, a store and a browser for the tests of the engine: all of it in memory, and breakable on purpose. */
import { ApiProblem } from '../api/problem'
import type { Part, Upload } from '../api/types'
import type { UploadApi } from '../api/uploads'
import { combine, crc64, fromBase64, toBase64 } from './crc64'
import { UploadEngine, type EngineParts } from './engine'
import type { Hasher } from './hashing'
import type { UploadItem } from './items'
import type { Patience } from './patience'
import { browserRecords } from './records'
import { putByXhr } from './transfer'
import { Ways } from './ways'

export const PART = 10

interface StoredUpload extends Upload {
  parts: Map<number, Part & { bytes: Uint8Array }>
}

export class FakeServer {
  readonly uploads = new Map<string, StoredUpload>()
  readonly files = new Map<string, Uint8Array>()
  readonly signed: number[] = []
  /** How many small files were signed at a time. */
  readonly batches: number[] = []
  /** How many parts were named by their entity tags when an upload was completed. */
  readonly named: number[] = []
  puts = 0
  atOnce = 0
  atOnceMax = 0
  /** Asked before each PUT is stored; a number is the status that is answered instead, 0 a broken connection. */
  trouble: (put: number, part: number) => number | undefined = () => undefined
  /** Of which PUTs the part is stored and the answer is not heard. */
  lost: (put: number) => boolean = () => false
  private counter = 0

  readonly api: UploadApi = {
    begin: async (form) => {
      const existing = this.files.get(form.path)
      if (existing !== undefined && form.conflict === 'fail') throw this.problem(409, 'file-exists', existing)
      if (typeof form.if_match === 'string' && (existing === undefined || etagOf(existing) !== form.if_match)) throw this.problem(409, 'file-changed')
      this.counter += 1
      const upload: StoredUpload = {
        id: `up-${this.counter}`,
        location: form.location,
        path: form.path,
        size: form.size,
        part_size: PART,
        part_count: Math.max(1, Math.ceil(form.size / PART)),
        algorithm: 'crc64nvme',
        status: 'begun',
        created: '2026-11-23T12:00:00Z',
        last_modified: form.last_modified,
        parts: new Map(),
      }
      this.uploads.set(upload.id, upload)
      return upload
    },
    unfinished: async () => [...this.uploads.values()],
    detail: async (id) => {
      const upload = this.found(id)
      return { ...upload, parts: [...upload.parts.values()].map(({ n, size, crc }) => ({ n, size, crc })) }
    },
    sign: async (id, parts) => {
      this.signed.push(...parts.map((part) => part.n))
      return parts.map(({ n, crc }) => ({ n, url: `http://store/${id}/${n}`, headers: { 'x-amz-checksum-crc64nvme': crc } }))
    },
    signWhole: async (_, files) => {
      this.batches.push(files.length)
      return files.map(({ path, crc }, i) => ({ n: i + 1, url: `http://store/whole/${encodeURIComponent(path)}`, headers: { 'x-amz-checksum-crc64nvme': crc } }))
    },
    complete: async (id, crc, etags) => {
      this.named.push(etags.length)
      const upload = this.found(id)
      const parts = [...upload.parts.values()].sort((a, b) => a.n - b.n)
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part.bytes]))
      const whole = parts.reduce((sum, part) => combine(sum, fromBase64(part.crc), part.size), 0n)
      if (toBase64(whole) !== crc || toBase64(crc64(bytes)) !== crc) throw this.problem(422, 'checksum-mismatch')
      this.uploads.delete(id)
      this.files.set(upload.path, bytes)
      return { path: upload.path, size: bytes.length, etag: 'e', checksum: crc }
    },
    abandon: async (id) => void this.uploads.delete(id),
  }

  /** What the store answers to a PUT. */
  async put(url: string, crc: string, body: Blob | ArrayBuffer): Promise<number> {
    const [id = '', number = ''] = url.replace('http://store/', '').split('/')
    const n = Number(number)
    this.puts += 1
    const lost = this.lost(this.puts)
    this.atOnce += 1
    this.atOnceMax = Math.max(this.atOnceMax, this.atOnce)
    const trouble = this.trouble(this.puts, n)
    const bytes = new Uint8Array(await new Blob([body]).arrayBuffer())
    this.atOnce -= 1
    if (trouble !== undefined) return trouble
    if (toBase64(crc64(bytes)) !== crc) return 400
    if (id === 'whole') {
      const path = decodeURIComponent(number)
      if (this.files.has(path)) return 412
      this.files.set(path, bytes)
      return lost ? 0 : 200
    }
    this.found(id).parts.set(n, { n, size: bytes.length, crc, bytes })
    return lost ? 0 : 200
  }

  private found(id: string): StoredUpload {
    const upload = this.uploads.get(id)
    if (upload === undefined) throw this.problem(404, 'no-such-upload')
    return upload
  }

  private problem(status: number, code: string, there?: Uint8Array): ApiProblem {
    const existing = there === undefined ? undefined : { size: there.length, modified: '2026-11-01T00:00:00Z', etag: etagOf(there), crc64nvme: toBase64(crc64(there)) }
    return new ApiProblem({ status, code, title: code, detail: undefined, field: undefined, explanation: undefined, existing })
  }
}

function etagOf(bytes: Uint8Array): string {
  return `tag-${crc64(bytes)}`
}

/** An `XMLHttpRequest` that talks to the fake store. */
export function fakeXhr(server: FakeServer): new () => object {
  return class extends EventTarget {
    readonly upload = new EventTarget()
    status = 0
    private url = ''
    private crc = ''
    private over = false

    open(_method: string, url: string): void {
      this.url = url
    }

    setRequestHeader(name: string, value: string): void {
      if (name === 'x-amz-checksum-crc64nvme') this.crc = value
    }

    send(body: Blob | ArrayBuffer): void {
      void this.answer(body)
    }

    private async answer(body: Blob | ArrayBuffer): Promise<void> {
      const status = await server.put(this.url, this.crc, body)
      if (this.over) return
      this.over = true
      this.status = status
      this.upload.dispatchEvent(Object.assign(new Event('progress'), { loaded: new Blob([body]).size }))
      this.dispatchEvent(new Event(status === 0 ? 'error' : 'load'))
    }

    getResponseHeader(): string {
      return `"etag of ${this.crc}"`
    }

    abort(): void {
      if (this.over) return
      this.over = true
      this.dispatchEvent(new Event('abort'))
    }
  }
}

const hasher: Hasher = {
  hash: async (blob) => toBase64(crc64(new Uint8Array(await blob.arrayBuffer()))),
}

const patience: Patience = {
  random: () => 0,
  sleep: () => Promise.resolve(),
  online: () => Promise.resolve(),
}

let databases = 0

export function newDatabase(): string {
  databases += 1
  return `test-${databases}`
}

/** An engine on the given server; the same database name is the same browser after a reload. */
export function engineOn(server: FakeServer, database = newDatabase(), over: Partial<EngineParts> = {}): UploadEngine {
  return new UploadEngine({
    api: server.api,
    hasher,
    put: putByXhr,
    patience,
    records: browserRecords(database),
    ways: new Ways(async () => true, async () => undefined),
    exclusively: (_, work) => work(),
    heldElsewhere: async () => new Set(),
    ...over,
  })
}

export function file(name: string, content: string): File {
  return new File([content], name, { lastModified: 1_795_000_000_000 })
}

/** Resolves when the tray shows what is asked for. */
export function until(engine: UploadEngine, shown: (items: readonly UploadItem[]) => boolean): Promise<readonly UploadItem[]> {
  return new Promise((done) => {
    const look = (): void => {
      const items = engine.getSnapshot()
      if (!shown(items)) return
      stop()
      done(items)
    }
    const stop = engine.subscribe(look)
    look()
  })
}

export function allDone(items: readonly UploadItem[]): boolean {
  return items.length > 0 && items.every((item) => item.state.kind === 'done')
}
