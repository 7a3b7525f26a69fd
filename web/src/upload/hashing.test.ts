import { expect, test } from 'vitest'
import { UnreadableFile, WorkerFailed, workerHasher } from './hashing'

/** A worker that answers as it is told: with a checksum, a problem, or by breaking down. */
class FakeWorker extends EventTarget {
  onmessage = null
  onmessageerror = null
  onerror = null
  private readonly how: 'works' | 'breaks' | 'garbles' | 'cannot read'

  constructor(how: FakeWorker['how']) {
    super()
    this.how = how
  }

  postMessage({ id }: { id: number }): void {
    const data = this.how === 'works' ? { id, crc: 'crc' } : { id, problem: 'gone' }
    const event = this.how === 'breaks' ? new Event('error') : this.how === 'garbles' ? new Event('messageerror') : Object.assign(new Event('message'), { data })
    queueMicrotask(() => this.dispatchEvent(event))
  }

  terminate(): void {}
}

/** A hasher whose workers are those, one after the other; the last one again and again. */
function hasherOf(...kinds: (ConstructorParameters<typeof FakeWorker>[0] | 'refuses')[]) {
  let started = 0
  const hasher = workerHasher(() => {
    const kind = kinds[Math.min(started, kinds.length - 1)] ?? 'works'
    started += 1
    if (kind === 'refuses') throw new TypeError('not allowed')
    return new FakeWorker(kind)
  })
  return { hasher, started: () => started }
}

const blob = new Blob(['x'])

test.each(['breaks', 'garbles', 'refuses'] as const)('a worker that %s is replaced once, and then it is told', async (kind) => {
  const once = hasherOf(kind, 'works')
  expect(await once.hasher.hash(blob)).toBe('crc')
  expect(once.started()).toBe(2)
  await expect(hasherOf(kind).hasher.hash(blob)).rejects.toBeInstanceOf(WorkerFailed)
})

test('what broke down does not hold up what comes after', async () => {
  const { hasher } = hasherOf('breaks', 'breaks', 'works')
  await expect(hasher.hash(blob)).rejects.toBeInstanceOf(WorkerFailed)
  expect(await Promise.all(Array.from({ length: 9 }, () => hasher.hash(blob)))).toHaveLength(9)
})

test('a file that cannot be read is no reason for another worker', async () => {
  const { hasher, started } = hasherOf('cannot read')
  await expect(hasher.hash(blob)).rejects.toBeInstanceOf(UnreadableFile)
  expect(started()).toBe(1)
})
