/** What is shown of the uploads: a snapshot and its sums, at most ten times a second; less often where many files are under way. */
import { isBusy, type Totals, type UploadItem } from './items'
import { Speedometer } from './speed'

const SNAPSHOT_MS = 100
/** Rows come and go with each file of a crowd, and drawing them takes the time in which files could be sent. */
const CROWDED_MS = 500
const CROWDED = 50

export class Board {
  private readonly items: () => readonly UploadItem[]
  private readonly listeners = new Set<() => void>()
  private readonly speedometer = new Speedometer()
  private snapshot: readonly UploadItem[] = []
  private totals: Totals = { busy: 0, done: 0, sent: 0, size: 0, speed: 0 }
  private timer: ReturnType<typeof setTimeout> | undefined
  /** Bytes that were sent since the page was loaded, of whatever file. */
  private moved = 0

  constructor(items: () => readonly UploadItem[]) {
    this.items = items
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  readonly getSnapshot = (): readonly UploadItem[] => this.snapshot

  readonly getTotals = (): Totals => this.totals

  /** Something changed, and so many bytes more have been sent. */
  announce(moved = 0): void {
    this.moved += moved
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.snapshot = this.items()
      this.totals = totalsOf(this.snapshot, this.speedometer.note(this.moved, Date.now()))
      for (const listener of this.listeners) listener()
    }, this.totals.busy > CROWDED ? CROWDED_MS : SNAPSHOT_MS)
  }
}

/** What is done counts too, so that the line only ever goes forward. */
function totalsOf(items: readonly UploadItem[], speed: number): Totals {
  const totals = { busy: 0, done: 0, sent: 0, size: 0, speed }
  for (const { state, sent, size } of items) {
    const busy = isBusy(state)
    if (busy) totals.busy += 1
    else if (state.kind === 'done') totals.done += 1
    else continue
    totals.sent += sent
    totals.size += size
  }
  return totals
}
