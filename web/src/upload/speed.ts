/** Bytes a second over the last eight seconds. */
const WINDOW_MS = 8_000
const SETTLED_MS = 500

export class Speedometer {
  private readonly samples: { at: number; sent: number }[] = []

  /** Notes the total sent by now and gives the speed, or 0 until there is enough to tell. */
  note(sent: number, at: number): number {
    this.samples.push({ at, sent })
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > WINDOW_MS) this.samples.shift()
    const first = this.samples[0] ?? { at, sent }
    const elapsed = at - first.at
    return elapsed < SETTLED_MS ? 0 : Math.max(0, ((sent - first.sent) / elapsed) * 1000)
  }
}
