/**
 * The uploads of this tab: which wait, which run, what each shows. Knows nothing of React; the tray subscribes to
 * snapshots, which are made at most ten times a second however many files are under way.
 */
import { isProblem } from '../api/problem'
import type { Upload } from '../api/types'
import type { UploadApi } from '../api/uploads'
import type { Hasher } from './hashing'
import { isBusy, nameOf, type ConflictAnswer, type PickedFile, type UploadItem, type UploadState } from './items'
import { Lanes } from './lanes'
import type { Patience } from './patience'
import type { UploadRecords } from './records'
import { mayRead } from './reopening'
import { runUpload, type Job, type Tools, type Watcher } from './run'
import { Speedometer } from './speed'
import type { Put } from './transfer'

const FILES_AT_ONCE = 3
const LANES = 4
const SNAPSHOT_MS = 100

export interface EngineParts {
  api: UploadApi
  hasher: Hasher
  put: Put
  patience: Patience
  records: UploadRecords
  exclusively<T>(id: string, work: () => Promise<T>): Promise<T>
  heldElsewhere(): Promise<Set<string>>
}

/** All that belongs to one item; `shown` is replaced and never changed, so that rows can tell. */
interface Entry {
  shown: UploadItem
  batch: number
  job: Job | undefined
  id: string | undefined
  handle: FileSystemFileHandle | undefined
  control: AbortController
  /** Settles when the last run has let go of everything, so that a resumed one does not meet it. */
  over: Promise<void>
}

export class UploadEngine {
  private readonly parts: EngineParts
  private readonly tools: Tools
  private readonly entries = new Map<string, Entry>()
  private readonly queue = new Set<string>()
  private readonly answers = new Map<number, ConflictAnswer>()
  private readonly listeners = new Set<() => void>()
  private readonly completed = new Set<(location: string, path: string) => void>()
  private snapshot: readonly UploadItem[] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private running = 0
  private forgotten = false
  private counter = 0

  constructor(parts: EngineParts) {
    this.parts = parts
    this.tools = { ...parts, lanes: new Lanes(LANES) }
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  readonly getSnapshot = (): readonly UploadItem[] => this.snapshot

  onCompleted(listener: (location: string, path: string) => void): () => void {
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

  /** Queues files for a folder (`""` or ending in `/`). A file that was interrupted there before continues. */
  add(location: string, folder: string, picked: readonly PickedFile[]): void {
    this.counter += 1
    for (const { file, path, handle } of picked) {
      const target = folder + path
      const interrupted = this.interruptedBefore(location, target, file.size)
      if (interrupted !== undefined) this.supply(interrupted.shown.key, file)
      else this.enqueue(this.fresh(location, target, file, handle))
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
    entry.job = this.jobFor(entry.shown, file, entry.id)
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
    this.announce()
    await this.abandon(entry)
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
    this.announce()
  }

  /** Forgets everything that is shown: somebody signed out. What is unfinished stays on the server. */
  reset(): void {
    this.forgotten = true
    for (const entry of this.entries.values()) entry.control.abort()
    this.entries.clear()
    this.queue.clear()
    this.announce()
  }

  private interruptedBefore(location: string, path: string, size: number): Entry | undefined {
    const match = (item: UploadItem): boolean =>
      item.state.kind === 'needs-file' && item.location === location && item.path === path && item.size === size
    return [...this.entries.values()].find((entry) => match(entry.shown))
  }

  private fresh(location: string, path: string, file: File, handle: FileSystemFileHandle | undefined): Entry {
    const entry = this.entry({ location, path, size: file.size, lastModified: file.lastModified }, undefined, handle)
    entry.job = this.jobFor(entry.shown, file, undefined)
    return entry
  }

  private remember(upload: Upload, handle: FileSystemFileHandle | undefined): void {
    const { location, path, size, last_modified: lastModified } = upload
    const entry = this.entry({ location, path, size, lastModified: lastModified ?? 0 }, upload.id, handle)
    this.change(entry, { state: { kind: 'needs-file', reopens: handle !== undefined, different: false } })
  }

  private entry(
    what: Pick<UploadItem, 'location' | 'path' | 'size' | 'lastModified'>,
    id: string | undefined,
    handle: FileSystemFileHandle | undefined,
  ): Entry {
    const key = `u${this.entries.size}-${crypto.randomUUID()}`
    const shown: UploadItem = { ...what, key, state: { kind: 'queued' }, sent: 0, speed: 0 }
    const entry = { shown, batch: this.counter, job: undefined, id, handle, control: new AbortController(), over: Promise.resolve() }
    this.entries.set(key, entry)
    return entry
  }

  private jobFor(item: UploadItem, file: File, id: string | undefined): Job {
    return { location: item.location, path: item.path, file, replace: false, id, hashed: new Map() }
  }

  private enqueue(entry: Entry): void {
    entry.control = new AbortController()
    this.change(entry, { state: { kind: 'queued' }, speed: 0 })
    this.queue.add(entry.shown.key)
    this.startNext()
  }

  private startNext(): void {
    for (const key of this.queue) {
      if (this.running >= FILES_AT_ONCE) return
      this.queue.delete(key)
      const entry = this.entries.get(key)
      const job = entry?.job
      if (entry?.shown.state.kind !== 'queued' || job === undefined) continue
      this.running += 1
      entry.over = entry.over.then(() => this.start(entry, job))
    }
  }

  private async start(entry: Entry, job: Job): Promise<void> {
    const { signal } = entry.control
    try {
      signal.throwIfAborted()
      const { checksum } = await runUpload(job, this.tools, this.watcher(entry, signal), signal)
      await this.finished(entry, checksum)
    } catch (error) {
      if (!signal.aborted) this.failed(entry, error)
    } finally {
      this.running -= 1
      this.startNext()
    }
  }

  private watcher(entry: Entry, signal: AbortSignal): Watcher {
    const speedometer = new Speedometer()
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
        if (!signal.aborted) this.change(entry, { sent, speed: speedometer.note(sent, Date.now()) })
      },
    }
  }

  private async finished(entry: Entry, checksum: string): Promise<void> {
    const { size, location, path } = entry.shown
    this.change(entry, { state: { kind: 'done', checksum }, sent: size, speed: 0 })
    for (const listener of this.completed) listener(location, path)
    if (entry.id !== undefined) await this.parts.records.forget(entry.id).catch(() => undefined)
  }

  private failed(entry: Entry, error: unknown): void {
    if (isProblem(error, 'file-exists')) this.collided(entry, error.facts.existing)
    else this.change(entry, { state: { kind: 'failed', error }, speed: 0 })
  }

  private collided(entry: Entry, existing: Extract<UploadState, { kind: 'conflict' }>['existing']): void {
    this.change(entry, { state: { kind: 'conflict', existing }, speed: 0 })
    const answer = this.answers.get(entry.batch)
    if (answer !== undefined) this.resolve(entry, answer)
  }

  private resolve(entry: Entry, answer: ConflictAnswer): void {
    if (answer === 'skip') void this.cancel(entry.shown.key)
    else void this.replace(entry)
  }

  private async replace(entry: Entry): Promise<void> {
    this.change(entry, { state: { kind: 'queued' }, sent: 0 })
    await this.abandon(entry)
    entry.id = undefined
    if (entry.job === undefined) return
    entry.job = { ...entry.job, replace: true, id: undefined }
    this.enqueue(entry)
  }

  private async abandon(entry: Entry): Promise<void> {
    const { id } = entry
    if (id === undefined) return
    // Best effort: the server drops what nobody continues after some days by itself.
    await this.parts.api.abandon(id).catch(() => undefined)
    await this.parts.records.forget(id).catch(() => undefined)
  }

  private change(entry: Entry, news: Partial<UploadItem>): void {
    entry.shown = { ...entry.shown, ...news }
    this.announce()
  }

  private announce(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.snapshot = [...this.entries.values()].map((entry) => entry.shown)
      for (const listener of this.listeners) listener()
    }, SNAPSHOT_MS)
  }
}
