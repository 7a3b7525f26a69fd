/**
 * One upload from the first question to the last check: begin or find again, send the parts that the server lacks,
 * complete with the checksum of the whole.
 *
 * Invariant: a part is skipped only if the server's checksum of it equals that of the local bytes; one whose answer was
 * lost is asked after before it is sent again.
 */
import { isProblem } from '../api/problem'
import type { CompletedUpload, NewUpload, Part, SignedPart, Upload } from '../api/types'
import type { UploadApi } from '../api/uploads'
import { combine, fromBase64, toBase64 } from './crc64'
import { UnreadableFile, type Hasher } from './hashing'
import type { Lanes } from './lanes'
import { persist, type Patience } from './patience'
import { TransferError, type Put } from './transfer'
import { throughPortal, type Ways } from './ways'
import { putWhole, WHOLE_BYTES_MAX, type WholeSigner } from './whole'

export interface Tools {
  api: UploadApi
  hasher: Hasher
  put: Put
  patience: Patience
  lanes: Lanes
  ways: Ways
  whole: WholeSigner
  /** Runs `work` as the only tab that works on this upload. */
  exclusively<T>(id: string, work: () => Promise<T>): Promise<T>
}

export interface Job {
  location: string
  path: string
  file: File
  replace: boolean
  /** The entity tag of the file that the person saw, and that alone is replaced. */
  ifMatch: string | undefined
  /** Nothing of this name is known to be there. */
  free: boolean
  /** The server's id, once it has one. */
  id: string | undefined
  /** Checksums of parts that were hashed since the page was loaded, by part number. */
  hashed: Map<number, string>
  /** Entity tags of parts that the store took since the page was loaded, by part number. */
  taken: Map<number, string>
}

export interface Watcher {
  began(upload: Upload): Promise<void>
  phase(kind: 'verifying' | 'uploading' | 'waiting' | 'finishing'): void
  sent(bytes: number): void
}

const LANES_PER_FILE = 4

/** What the store has verified; its entity tag, where the page is told it. */
export interface Stored {
  checksum: string
  etag: string | undefined
}

/** More parts are not named: the list would be longer than a body may be. */
const NAMED_PARTS_MAX = 1_000
/** A larger file is not sent on the word of a listing that may be some minutes old. */
const UNSEEN_BYTES_MAX = 64 << 20

export async function runUpload(job: Job, tools: Tools, watcher: Watcher, signal: AbortSignal): Promise<Stored> {
  if (job.free && job.id === undefined && job.file.size <= WHOLE_BYTES_MAX) {
    const stored = await putWhole(job, tools, watcher, signal)
    if (stored !== undefined) return stored
    job.free = false
  }
  const known = job.id === undefined ? undefined : await findAgain(job, job.id, tools, watcher, signal)
  const upload = known?.upload ?? (await begin(job, tools, watcher, signal))
  return tools.exclusively(upload.id, async () => {
    const stored = known === undefined ? new Map() : await verify(job, known.upload, known.parts, tools)
    signal.throwIfAborted()
    await sendParts(new Sending(job, upload, stored), tools, watcher, signal)
    watcher.phase('finishing')
    const crc = wholeChecksum(upload, job)
    const etags = namedParts(upload, job)
    const complete = (): Promise<CompletedUpload> => tools.api.complete(upload.id, crc, etags, signal)
    return persist(complete, tools.patience, signal, () => watcher.phase('waiting'))
  })
}

function conflictOf({ replace, free, file }: Job): NewUpload['conflict'] {
  if (replace) return 'replace'
  return free && file.size <= UNSEEN_BYTES_MAX ? 'fail-at-end' : 'fail'
}

async function begin(job: Job, tools: Tools, watcher: Watcher, signal: AbortSignal): Promise<Upload> {
  const form = {
    location: job.location,
    path: job.path,
    size: job.file.size,
    content_type: job.file.type === '' ? 'application/octet-stream' : job.file.type,
    last_modified: job.file.lastModified,
    conflict: conflictOf(job),
    ...(job.ifMatch === undefined ? {} : { if_match: job.ifMatch }),
  }
  job.free = false
  job.taken = new Map()
  // Not broken off when somebody pauses or cancels: the server would keep an upload that nobody here knows of.
  const ask = (): Promise<Upload> => tools.api.begin(form, new AbortController().signal)
  const upload = await persist(ask, tools.patience, signal, () => watcher.phase('waiting'))
  job.id = upload.id
  await watcher.began(upload)
  return upload
}

/** What the server has of it; nothing where the server knows it no more, so that it is begun anew. */
async function findAgain(
  job: Job,
  id: string,
  tools: Tools,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<{ upload: Upload; parts: Part[] } | undefined> {
  watcher.phase('verifying')
  const ask = (): ReturnType<UploadApi['detail']> => tools.api.detail(id, signal)
  try {
    const upload = await persist(ask, tools.patience, signal, () => watcher.phase('waiting'))
    return { upload, parts: upload.parts }
  } catch (error) {
    if (!isProblem(error, 'no-such-upload')) throw error
    job.id = undefined
    return undefined
  }
}

/** Trusts nothing remembered: re-hashes the local bytes of every part that the server says it has. */
async function verify(job: Job, upload: Upload, parts: Part[], tools: Tools): Promise<Map<number, number>> {
  const equal = await Promise.all(
    parts.map(async (part) => {
      const blob = slice(job.file, upload, part.n)
      return blob.size === part.size && (await hashOf(job, part.n, blob, tools)) === part.crc
    }),
  )
  return new Map(parts.filter((_, i) => equal[i] === true).map((part) => [part.n, part.size]))
}

/** What is on its way: bytes stored, bytes in flight, and the parts that nobody has taken yet. */
class Sending {
  readonly job: Job
  readonly upload: Upload
  readonly waiting: number[]
  private stored = 0
  private readonly inFlight = new Map<number, number>()

  constructor(job: Job, upload: Upload, stored: Map<number, number>) {
    this.job = job
    this.upload = upload
    for (const size of stored.values()) this.stored += size
    const all = Array.from({ length: Math.max(1, upload.part_count) }, (_, i) => i + 1)
    this.waiting = all.filter((n) => !stored.has(n))
  }

  flying(n: number, bytes: number): void {
    this.inFlight.set(n, bytes)
  }

  landed(n: number, size: number): void {
    this.inFlight.delete(n)
    this.stored += size
  }

  lost(n: number): void {
    this.inFlight.delete(n)
  }

  get sent(): number {
    let total = this.stored
    for (const bytes of this.inFlight.values()) total += bytes
    return total
  }
}

async function sendParts(sending: Sending, tools: Tools, watcher: Watcher, signal: AbortSignal): Promise<void> {
  watcher.phase('uploading')
  watcher.sent(sending.sent)
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const lane = async (): Promise<void> => {
    for (let n = sending.waiting.shift(); n !== undefined; n = sending.waiting.shift()) {
      await sendPart(sending, n, tools, watcher, either)
    }
  }
  try {
    await Promise.all(Array.from({ length: LANES_PER_FILE }, lane))
  } catch (error) {
    // One part that cannot be sent stops the lanes beside it.
    failed.abort(error)
    throw error
  }
}

async function sendPart(
  sending: Sending,
  n: number,
  tools: Tools,
  watcher: Watcher,
  signal: AbortSignal,
): Promise<void> {
  const { job, upload } = sending
  const blob = slice(job.file, upload, n)
  let unanswered = false
  const attempt = (): Promise<void> =>
    tools.lanes.run(async () => {
      signal.throwIfAborted()
      const crc = await hashOf(job, n, blob, tools)
      if (unanswered && (await holds(upload.id, { n, size: blob.size, crc }, tools, signal))) return
      const target = await sign(upload.id, { n, size: blob.size, crc }, tools, signal)
      const onSent = (bytes: number): void => {
        sending.flying(n, Math.min(bytes, blob.size))
        watcher.sent(sending.sent)
      }
      const straight = !target.url.startsWith('/')
      const etag = await tools.put(target, blob, onSent, signal).catch(async (error: unknown) => {
        sending.lost(n)
        await notChanged(blob, crc, error, tools)
        unanswered = error instanceof TransferError && error.status === 0
        if (unanswered && straight) await tools.ways.unanswered(target.url)
        throw error
      })
      if (straight) tools.ways.succeeded()
      if (etag !== undefined) job.taken.set(n, etag)
    })
  await persist(attempt, tools.patience, signal, () => watcher.phase('waiting'))
  sending.landed(n, blob.size)
  watcher.phase('uploading')
  watcher.sent(sending.sent)
}

/** The file is not any more what it was when it was hashed. */
export class ChangedFile extends Error {
  override readonly name = 'ChangedFile'
}

/** What the store says of a body whose checksum is another than was signed. */
const OTHER_BYTES = new Set(['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch', 'IncompleteBody'])

/**
 * A browser breaks a request off when the file changed under it, which looks like a lost connection; others send the new
 * bytes, and the store finds another checksum.
 */
export async function notChanged(blob: Blob, crc: string, error: unknown, tools: Pick<Tools, 'hasher'>): Promise<void> {
  if (!(error instanceof TransferError) || blob.size === 0) return
  if (error.status === 0 && (await isReadable(blob))) return
  if (error.status !== 0 && !OTHER_BYTES.has(error.code ?? '')) return
  const now = await tools.hasher.hash(blob).catch((why: unknown) => (why instanceof UnreadableFile ? undefined : crc))
  if (now !== crc) throw new ChangedFile()
}

async function isReadable(blob: Blob): Promise<boolean> {
  return blob.slice(0, 1).arrayBuffer().then(
    () => true,
    () => false,
  )
}

/** Whether the store took a part whose answer was lost. */
async function holds(id: string, part: Part, tools: Tools, signal: AbortSignal): Promise<boolean> {
  const { parts } = await tools.api.detail(id, signal)
  return parts.some(({ n, size, crc }) => n === part.n && size === part.size && crc === part.crc)
}

async function sign(id: string, part: Part, tools: Tools, signal: AbortSignal): Promise<SignedPart> {
  if (tools.ways.current === 'portal') return (tools.api.throughPortal ?? throughPortal)(id, part)
  const [target] = await tools.api.sign(id, [part], signal)
  if (target === undefined) throw new Error(`no link came back for part ${part.n}`)
  return target
}

/** How much of a file is read at once to compare it with what is there. */
const COMPARED_BYTES = 8 << 20

/** Whether the file's bytes are those whose checksum is given. */
export async function hasChecksum(file: File, wanted: string, tools: Pick<Tools, 'hasher'>, signal: AbortSignal): Promise<boolean> {
  let crc: bigint | undefined
  for (let at = 0; crc === undefined || at < file.size; at += COMPARED_BYTES) {
    signal.throwIfAborted()
    const blob = file.slice(at, at + COMPARED_BYTES)
    const part = fromBase64(await tools.hasher.hash(blob))
    crc = crc === undefined ? part : combine(crc, part, blob.size)
  }
  return toBase64(crc) === wanted
}

async function hashOf(job: Job, n: number, blob: Blob, tools: Tools): Promise<string> {
  const known = job.hashed.get(n)
  if (known !== undefined) return known
  const crc = await tools.hasher.hash(blob)
  job.hashed.set(n, crc)
  return crc
}

function slice(file: File, upload: Upload, n: number): Blob {
  return file.slice((n - 1) * upload.part_size, n * upload.part_size)
}

function wholeChecksum(upload: Upload, job: Job): string {
  let crc = 0n
  for (let n = 1; n <= Math.max(1, upload.part_count); n += 1) {
    const part = job.hashed.get(n)
    if (part === undefined) throw new Error(`part ${n} was never hashed`)
    crc = n === 1 ? fromBase64(part) : combine(crc, fromBase64(part), slice(job.file, upload, n).size)
  }
  return toBase64(crc)
}

/** The entity tags of all parts, or none: of parts that the store had before, they are not known here. */
function namedParts(upload: Upload, job: Job): string[] {
  const count = Math.max(1, upload.part_count)
  if (count > NAMED_PARTS_MAX) return []
  const etags = Array.from({ length: count }, (_, i) => job.taken.get(i + 1)).filter((etag) => etag !== undefined)
  return etags.length === count ? etags : []
}
