/**
 * The uploads of this tab: which wait, which run, what each shows. Knows nothing of React; the tray subscribes to the
 * board's snapshots.
 */
import { isProblem, type Existing } from '../api/problem'
import type { Upload } from '../api/types'
import type { UploadApi } from '../api/uploads'
import { Anew, isGone } from './anew'
import { Board } from './board'
import { interruptedIn, jobFor, newEntry, workOf, type Arrived, type Entry } from './entry'
import type { Hasher } from './hashing'
import { isBusy, nameOf, type ConflictAnswer, type PickedFile, type Totals, type UploadItem } from './items'
import { Lanes } from './lanes'
import type { Patience } from './patience'
import type { UploadRecords } from './records'
import { mayRead } from './reopening'
import { ChangedFile, hasChecksum, runUpload, type Job, type Stored, type Tools, type Watcher } from './run'
import { Speedometer } from './speed'
import type { Put } from './transfer'
import type { Way, Ways } from './ways'
import { WholeSigner } from './whole'

const WORK_AT_ONCE = 60
/** After so many names that were all taken the person is asked again. */
const VARIANTS_MAX = 99
/** As many as a browser has connections to one store by HTTP/1.1. */
const LANES = 6

export interface EngineParts {
  api: UploadApi
  hasher: Hasher
  put: Put
  patience: Patience
  records: UploadRecords
  ways: Ways
  exclusively<T>(id: string, work: () => Promise<T>): Promise<T>
  heldElsewhere(): Promise<Set<string>>
  /** The server may call a file otherwise than it was called. */
  renames?: boolean
  /** How much is under way at once: what is begun and sends nothing for long, some servers give up. */
  workAtOnce?: number
}

export class UploadEngine {
  private readonly parts: EngineParts
  private readonly tools: Tools
  private readonly entries = new Map<string, Entry>()
  private readonly queue = new Set<string>()
  private readonly answers = new Map<number, ConflictAnswer>()
  private readonly board = new Board(() => [...this.entries.values()].map((entry) => entry.shown))
  /** What arrived since the page was loaded: no listing may have it yet. */
  private readonly arrived = new Set<string>()
  private readonly completed = new Set<(arrived: Arrived) => void>()
  private readonly anew = new Anew({
    change: (entry, news) => this.change(entry, news),
    abandon: (entry) => this.abandon(entry),
    enqueue: (entry) => this.enqueue(entry),
  })
  private running = 0
  private forgotten = false
  private counter = 0

  constructor(parts: EngineParts) {
    this.parts = parts
    this.tools = { ...parts, lanes: new Lanes(LANES), whole: new WholeSigner(parts.api) }
    parts.ways.changed = () => this.board.announce()
  }

  readonly subscribe = (listener: () => void): (() => void) => this.board.subscribe(listener)

  readonly getSnapshot = (): readonly UploadItem[] => this.board.getSnapshot()

  readonly getTotals = (): Totals => this.board.getTotals()

  readonly getWay = (): Way => this.parts.ways.current

  onCompleted(listener: (arrived: Arrived) => void): () => void {
    this.completed.add(listener)
    return () => void this.completed.delete(listener)
  }

  /** True between `reset` and the next `restore`. */
  get wasReset(): boolean {
    return this.forgotten
  }

  get busy(): boolean {
    return [...this.entries.values()].some((entry) => isBusy(entry.shown.state))
  }

  /** Leaving the page would lose something: work, or a question that waits for its answer. */
  get unsettled(): boolean {
    return [...this.entries.values()].some(({ shown: { state } }) => isBusy(state) || state.kind === 'conflict')
  }

  /**
   * Queues files for a folder (`""` or ending in `/`). A file that was interrupted there before continues. `free` tells of a
   * path below the folder whether nothing is known to be there.
   */
  add(location: string, folder: string, picked: readonly PickedFile[], free: (path: string) => boolean = () => false): void {
    this.counter += 1
    const before = interruptedIn(this.entries.values(), location, this.parts.renames === true)
    for (const { file, path, handle } of picked) {
      const target = folder + path
      const interrupted = before(file, target)
      if (interrupted !== undefined) this.supply(interrupted.shown.key, file)
      else this.enqueue(this.fresh({ location, path: target, free: free(path) && !this.arrived.has(`${location}/${target}`) }, file, handle))
    }
  }

  /** The unfinished uploads that the server knows of, each waiting for its file. */
  async restore(): Promise<void> {
    this.forgotten = false
    const [unfinished, records, held] = await Promise.all([
      this.parts.api.unfinished(),
      this.parts.records.all().catch(() => []),
      this.parts.heldElsewhere(),
    ])
    const ours = new Set([...this.entries.values()].map((entry) => entry.id))
    for (const upload of unfinished) {
      const handle = records.find((record) => record.id === upload.id)?.handle
      if (!held.has(upload.id) && !ours.has(upload.id)) this.remember(upload, handle)
    }
    const live = new Set(unfinished.map((upload) => upload.id))
    await Promise.all(records.filter((r) => !live.has(r.id)).map((r) => this.parts.records.forget(r.id)))
  }

  /** Continues an interrupted upload with the file that a person chose again. */
  supply(key: string, file: File): void {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    if (file.size !== entry.shown.size) {
      this.change(entry, { state: { kind: 'needs-file', reopens: entry.handle !== undefined, different: true } })
      return
    }
    entry.job = jobFor(entry, file)
    this.enqueue(entry)
  }

  /** Opens the remembered file again; needs the person's click. Gives false if they must choose it themselves. */
  async reopen(key: string): Promise<boolean> {
    const handle = this.entries.get(key)?.handle
    if (handle === undefined || !(await mayRead(handle))) return false
    try {
      this.supply(key, await handle.getFile())
      return true
    } catch {
      return false
    }
  }

  pause(key: string): void {
    const entry = this.entries.get(key)
    if (entry === undefined || !isBusy(entry.shown.state) || entry.shown.state.kind === 'finishing') return
    this.change(entry, { state: { kind: 'paused' }, speed: 0 })
    entry.control.abort()
  }

  /** Continues after a pause or a failure. */
  resume(key: string): void {
    const entry = this.entries.get(key)
    if (entry?.job !== undefined) this.enqueue(entry)
  }

  /** Stops, removes the row and tells the server to drop what it has. */
  async cancel(key: string): Promise<void> {
    const entry = this.entries.get(key)
    if (entry === undefined) return
    this.entries.delete(key)
    entry.control.abort()
    this.board.announce()
    await this.letGo(entry)
  }

  pauseAll(): void {
    for (const key of this.entries.keys()) this.pause(key)
  }

  /** Whatever was paused or has failed. */
  resumeAll(): void {
    for (const [key, { shown }] of this.entries) {
      if (shown.state.kind === 'paused' || shown.state.kind === 'failed') this.resume(key)
    }
  }

  /** Everything that is not done. */
  async cancelAll(): Promise<void> {
    const open = [...this.entries].filter(([, { shown }]) => shown.state.kind !== 'done')
    // All of them stop before the first is given up at the server, or the next in the queue would start.
    for (const [key, entry] of open) {
      this.entries.delete(key)
      entry.control.abort()
    }
    this.queue.clear()
    this.board.announce()
    for (const [, entry] of open) await this.letGo(entry)
  }

  answer(key: string, answer: ConflictAnswer, toAll: boolean): void {
    const asked = this.entries.get(key)
    if (asked === undefined) return
    if (toAll) this.answers.set(asked.batch, answer)
    for (const entry of this.entries.values()) {
      const included = entry === asked || (toAll && entry.batch === asked.batch)
      if (included && entry.shown.state.kind === 'conflict') this.resolve(entry, answer)
    }
  }

  clearFinished(): void {
    for (const [key, { shown }] of this.entries) if (shown.state.kind === 'done') this.entries.delete(key)
    this.board.announce()
  }

  /** Forgets everything that is shown: somebody signed out. What is unfinished stays on the server. */
  reset(): void {
    this.forgotten = true
    for (const entry of this.entries.values()) entry.control.abort()
    this.entries.clear()
    this.queue.clear()
    this.arrived.clear()
    this.board.announce()
  }

  private fresh(to: { location: string; path: string; free: boolean }, file: File, handle: FileSystemFileHandle | undefined): Entry {
    const { location, path, free } = to
    const { size, lastModified } = file
    const entry = this.kept(newEntry({ location, path, size, lastModified }, this.counter, undefined, handle))
    entry.job = jobFor(entry, file, free)
    return entry
  }

  private remember(upload: Upload, handle: FileSystemFileHandle | undefined): void {
    const { location, path, size, last_modified: lastModified } = upload
    const what = { location, path, size, lastModified: lastModified ?? 0 }
    const entry = this.kept(newEntry(what, this.counter, upload.id, handle))
    this.change(entry, { state: { kind: 'needs-file', reopens: handle !== undefined, different: false } })
  }

  private kept(entry: Entry): Entry {
    this.entries.set(entry.shown.key, entry)
    return entry
  }

  private enqueue(entry: Entry): void {
    entry.control = new AbortController()
    this.change(entry, { state: { kind: 'queued' }, speed: 0 })
    this.queue.add(entry.shown.key)
    this.startNext()
  }

  private startNext(): void {
    for (const key of this.queue) {
      if (this.running >= (this.parts.workAtOnce ?? WORK_AT_ONCE)) return
      this.queue.delete(key)
      const entry = this.entries.get(key)
      const job = entry?.job
      if (entry?.shown.state.kind !== 'queued' || job === undefined) continue
      this.running += workOf(entry)
      entry.over = entry.over.then(() => this.start(entry, job))
    }
  }

  private async start(entry: Entry, job: Job): Promise<void> {
    const { signal } = entry.control
    try {
      signal.throwIfAborted()
      const stored = await runUpload(job, this.tools, this.watcher(entry, signal), signal)
      await this.finished(entry, stored, false)
    } catch (error) {
      if (!signal.aborted) await this.failed(entry, job, error)
    } finally {
      this.running -= workOf(entry)
      this.startNext()
    }
  }

  private watcher(entry: Entry, signal: AbortSignal): Watcher {
    const speedometer = new Speedometer()
    // The first report is of what the server had already.
    let before: number | undefined
    return {
      began: async ({ id, part_size: partSize }) => {
        entry.id = id
        const { path, size, lastModified } = entry.shown
        const record = { id, name: nameOf(path), size, lastModified, partSize }
        const { handle } = entry
        // Private windows may refuse storage; the upload itself does not need it.
        await this.parts.records.keep(handle === undefined ? record : { ...record, handle }).catch(() => undefined)
      },
      phase: (kind) => {
        if (!signal.aborted && entry.shown.state.kind !== kind) this.change(entry, { state: { kind } })
      },
      sent: (sent) => {
        if (signal.aborted) return
        const moved = Math.max(0, sent - (before ?? sent))
        before = sent
        this.change(entry, { sent, speed: speedometer.note(sent, Date.now()) }, moved)
      },
    }
  }

  private async finished(entry: Entry, { checksum, etag }: Stored, already: boolean): Promise<void> {
    const { size, location, path } = entry.shown
    this.change(entry, { state: { kind: 'done', checksum, already }, sent: size, speed: 0 })
    this.arrived.add(`${location}/${path}`)
    for (const listener of this.completed) listener({ location, path, size, etag })
    if (entry.id !== undefined) await this.parts.records.forget(entry.id).catch(() => undefined)
  }

  private async failed(entry: Entry, job: Job, error: unknown): Promise<void> {
    if (error instanceof ChangedFile && (await this.anew.readAgain(entry))) return
    if (isGone(error) && (await this.anew.beginAgain(entry))) return
    if (job.ifMatch !== undefined && isProblem(error, 'file-changed')) {
      await this.anew.askAnew(entry)
    } else if (!isProblem(error, 'file-exists')) {
      this.change(entry, { state: { kind: 'failed', error }, speed: 0 })
    } else if (entry.variant > 0 && entry.variant < VARIANTS_MAX) {
      await this.anew.keepBoth(entry)
    } else {
      await this.collided(entry, job, error.facts.existing)
    }
  }

  /** The same bytes need not be sent; of others the person decides. */
  private async collided(entry: Entry, job: Job, existing: Existing | undefined): Promise<void> {
    const { signal } = entry.control
    const crc = existing?.size === job.file.size && job.file.size > 0 ? existing.crc64nvme : undefined
    if (crc !== undefined) {
      this.change(entry, { state: { kind: 'comparing' }, speed: 0 })
      const same = await hasChecksum(job.file, crc, this.tools, signal).catch(() => false)
      if (signal.aborted) return
      if (same) return await this.alreadyThere(entry, crc)
    }
    this.change(entry, { state: { kind: 'conflict', existing }, speed: 0 })
    // An answer to all was given of what was there then.
    const answer = entry.changed ? undefined : this.answers.get(entry.batch)
    if (answer !== undefined) this.resolve(entry, answer)
  }

  private resolve(entry: Entry, answer: ConflictAnswer): void {
    if (answer === 'skip') void this.cancel(entry.shown.key)
    else if (answer === 'replace') void this.anew.replace(entry)
    else void this.anew.keepBoth(entry)
  }

  private async alreadyThere(entry: Entry, crc: string): Promise<void> {
    await this.abandon(entry)
    entry.id = undefined
    await this.finished(entry, { checksum: crc, etag: undefined }, true)
  }

  /** Only when its run is over is it known whether the server has begun it. */
  private async letGo(entry: Entry): Promise<void> {
    await entry.over
    await this.abandon(entry)
  }

  private async abandon(entry: Entry): Promise<void> {
    const { id } = entry
    if (id === undefined) return
    // Best effort: the server drops what nobody continues after some days by itself.
    await this.parts.api.abandon(id).catch(() => undefined)
    await this.parts.records.forget(id).catch(() => undefined)
  }

  private change(entry: Entry, news: Partial<UploadItem>, moved = 0): void {
    entry.shown = { ...entry.shown, ...news }
    this.board.announce(moved)
  }
}
