/**
 * A small file in one request, where none of its name is known to be: signed together with others, made by the store only if
 * nothing is there (`If-None-Match: *`), and done when the store says so.
 */
import { isProblem } from '../api/problem'
import type { SignedPart, WholeFile } from '../api/types'
import type { UploadApi } from '../api/uploads'
import { crc64, toBase64 } from './crc64'
import { UnreadableFile } from './hashing'
import { persist } from './patience'
import { notChanged, type Job, type Stored, type Tools, type Watcher } from './run'
import { TransferError } from './transfer'

/** As the server cuts: larger files have parts. */
export const WHOLE_BYTES_MAX = 8 << 20
/**
 * So small a file is read once and sent from memory: to have a worker read it, and then the browser again, is more work than
 * all the rest. What was summed is what is sent, whatever becomes of the file.
 */
const IN_MEMORY_BYTES_MAX = 64 << 10
const SIGNED_AT_ONCE = 16
/** So many that are signed wait to be sent before the next are asked for: as many as go at once. */
const SIGNED_AHEAD = 6

interface Asked {
  file: WholeFile
  done: (target: SignedPart) => void
  fail: (error: unknown) => void
}

/**
 * Asks the server once at a time for each location: what comes meanwhile is gathered, and asked together. While what is
 * signed already waits to be sent, nothing is gained by asking for a few more.
 */
export class WholeSigner {
  private readonly api: Pick<UploadApi, 'signWhole'>
  private readonly gathered = new Map<string, Asked[]>()
  private readonly asking = new Set<string>()
  /** Signed, and not begun to be sent. */
  private ahead = 0
  private onBegun: (() => void)[] = []

  constructor(api: Pick<UploadApi, 'signWhole'>) {
    this.api = api
  }

  sign(location: string, file: WholeFile): Promise<SignedPart> {
    return new Promise((done, fail) => {
      const asked = this.gathered.get(location) ?? []
      asked.push({ file, done, fail })
      this.gathered.set(location, asked)
      if (!this.asking.has(location)) void this.askAll(location)
    })
  }

  /** One that was signed is being sent, or is given up. */
  begun(): void {
    this.ahead -= 1
    if (this.ahead >= SIGNED_AHEAD) return
    for (const goOn of this.onBegun.splice(0)) goOn()
  }

  private async fewAhead(): Promise<void> {
    if (this.ahead >= SIGNED_AHEAD) await new Promise<void>((goOn) => this.onBegun.push(goOn))
  }

  private async askAll(location: string): Promise<void> {
    this.asking.add(location)
    for (let asked = this.gathered.get(location) ?? []; asked.length > 0; asked = this.gathered.get(location) ?? []) {
      if (asked.length < SIGNED_AT_ONCE) await this.fewAhead()
      await this.ask(location, asked.splice(0, SIGNED_AT_ONCE))
    }
    this.gathered.delete(location)
    this.asking.delete(location)
  }

  private async ask(location: string, asked: readonly Asked[]): Promise<void> {
    try {
      const targets = await this.api.signWhole(location, asked.map(({ file }) => file))
      asked.forEach(({ done, fail }, i) => {
        const target = targets[i]
        if (target === undefined) return fail(new Error('no link came back'))
        this.ahead += 1
        return done(target)
      })
    } catch (error) {
      for (const { fail } of asked) fail(error)
    }
  }
}

/** What the store verified; nothing where the file has to go the longer way, which tells why. */
export async function putWhole(job: Job, tools: Tools, watcher: Watcher, signal: AbortSignal): Promise<Stored | undefined> {
  const { file, location, path } = job
  watcher.phase('uploading')
  watcher.sent(0)
  const { crc, body } = await read(file, tools)
  job.hashed.set(1, crc)
  const wanted = { path, size: file.size, content_type: file.type === '' ? 'application/octet-stream' : file.type, crc }
  const attempt = async (): Promise<string | undefined> => {
    const target = await tools.whole.sign(location, wanted)
    const etag = await tools.lanes.run(async () => {
      tools.whole.begun()
      signal.throwIfAborted()
      return tools.put(target, body, watcher.sent, signal).catch(async (error: unknown) => {
        if (body === file) await notChanged(file, crc, error, tools)
        if (error instanceof TransferError && error.status === 0) await tools.ways.unanswered(target.url)
        throw error
      })
    })
    tools.ways.succeeded()
    return etag
  }
  const tried = async (): Promise<string | undefined> => {
    if (tools.ways.current === 'portal') throw new LongerWay()
    return attempt()
  }
  try {
    const etag = await persist(tried, tools.patience, signal, () => watcher.phase('waiting'))
    return { checksum: crc, etag }
  } catch (error) {
    if (isOfTheFile(error)) return undefined
    throw error
  }
}

async function read(file: File, { hasher }: Tools): Promise<{ crc: string; body: Blob | ArrayBuffer }> {
  if (file.size > IN_MEMORY_BYTES_MAX) return { crc: await hasher.hash(file), body: file }
  const body = await file.arrayBuffer().catch((why: unknown) => {
    throw new UnreadableFile(String(why))
  })
  return { crc: toBase64(crc64(new Uint8Array(body))), body }
}

class LongerWay extends Error {
  override readonly name = 'LongerWay'
}

/** Something is there (412), or is being written (409); or one of the files that were asked about together is refused. */
function isOfTheFile(error: unknown): boolean {
  if (error instanceof LongerWay) return true
  if (error instanceof TransferError) return error.status === 412 || error.status === 409
  return isProblem(error) && !error.passing
}
