/** How an upload begins anew: under another name, over what was shown, or with the file as it is now. */
import { isProblem } from '../api/problem'
import type { Entry } from './entry'
import { variantOf, type UploadItem } from './items'
import { TransferError } from './transfer'

/** A file that changes again and again is told of in the end. */
const READINGS_MAX = 3
/** Of what is given up again and again, as well. */
const BEGINNINGS_MAX = 3

/** Whether the server has given the upload up, and so knows it no more. */
export function isGone(error: unknown): boolean {
  return isProblem(error, 'no-such-upload') || (error instanceof TransferError && error.code === 'no-such-upload')
}

/** What the engine does for it. */
export interface Hands {
  change(entry: Entry, news: Partial<UploadItem>): void
  /** Has the server drop what it has of it. */
  abandon(entry: Entry): Promise<void>
  enqueue(entry: Entry): void
}

export class Anew {
  private readonly hands: Hands

  constructor(hands: Hands) {
    this.hands = hands
  }

  /** Tries the next name beside the one that is taken. */
  async keepBoth(entry: Entry): Promise<void> {
    entry.variant = Math.max(2, entry.variant + 1)
    const path = variantOf(entry.path, entry.variant)
    this.hands.change(entry, { state: { kind: 'queued' }, sent: 0, path })
    await this.hands.abandon(entry)
    entry.id = undefined
    if (entry.job === undefined) return
    entry.job = { ...entry.job, path, replace: false, id: undefined }
    this.hands.enqueue(entry)
  }

  /** Replaces exactly what was shown; where that could not be seen, what is there. */
  async replace(entry: Entry): Promise<void> {
    const { state } = entry.shown
    const ifMatch = state.kind === 'conflict' ? state.existing?.etag : undefined
    this.hands.change(entry, { state: { kind: 'queued' }, sent: 0 })
    await this.hands.abandon(entry)
    entry.id = undefined
    if (entry.job === undefined) return
    entry.job = { ...entry.job, replace: true, ifMatch, id: undefined }
    this.hands.enqueue(entry)
  }

  /** What was to be replaced is another file by now: the person has not seen it. */
  async askAnew(entry: Entry): Promise<void> {
    entry.changed = true
    this.hands.change(entry, { state: { kind: 'queued' }, sent: 0, speed: 0 })
    await this.hands.abandon(entry)
    entry.id = undefined
    if (entry.job === undefined) return
    entry.job = { ...entry.job, replace: false, ifMatch: undefined, id: undefined }
    this.hands.enqueue(entry)
  }

  /** Begins again what the server has given up: on a slow line others of a drop may have been sent before it. */
  async beginAgain(entry: Entry): Promise<boolean> {
    const { job, control } = entry
    if (job === undefined || entry.id === undefined || entry.beginnings >= BEGINNINGS_MAX) return false
    await this.hands.abandon(entry)
    entry.id = undefined
    entry.beginnings += 1
    entry.job = { ...job, id: undefined, taken: new Map() }
    if (control.signal.aborted) return true
    this.hands.change(entry, { sent: 0, speed: 0 })
    this.hands.enqueue(entry)
    return true
  }

  /** Begins again with the file as it is now, where the browser may open it by itself. */
  async readAgain(entry: Entry): Promise<boolean> {
    const { job, handle, control } = entry
    if (job === undefined) return false
    await this.hands.abandon(entry)
    entry.id = undefined
    entry.job = { ...job, id: undefined, hashed: new Map(), taken: new Map() }
    const file = entry.readings < READINGS_MAX ? await handle?.getFile().catch(() => undefined) : undefined
    if (file === undefined || control.signal.aborted) return control.signal.aborted
    entry.readings += 1
    entry.job = { ...entry.job, file }
    this.hands.change(entry, { size: file.size, lastModified: file.lastModified, sent: 0, speed: 0 })
    this.hands.enqueue(entry)
    return true
  }
}
