/** Lets at most `width` pieces of work run at once, in the order in which they came. */
export class Lanes {
  private free: number
  private readonly queue: (() => void)[] = []

  constructor(width: number) {
    this.free = width
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1
    else await new Promise<void>((start) => this.queue.push(start))
    try {
      return await work()
    } finally {
      const next = this.queue.shift()
      if (next === undefined) this.free += 1
      else next()
    }
  }
}
