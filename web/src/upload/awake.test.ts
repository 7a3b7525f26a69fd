import { expect, test } from 'vitest'
import { keepAwake } from './awake'

const settled = (): Promise<void> => new Promise((done) => setTimeout(done))

test('the device is held awake while files go up, and no longer', async () => {
  let held = 0
  let persisted = 0
  const listeners: (() => void)[] = []
  const engine = { busy: false, subscribe: (listener: () => void) => (listeners.push(listener), () => undefined) }
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  let sentinel = new EventTarget()
  const wakeLock = {
    request: async () => {
      held += 1
      sentinel = Object.assign(new EventTarget(), { release: async () => void (held -= 1) })
      return sentinel
    },
  }
  const browser = Object.assign(Object.create(null), { wakeLock, storage: { persist: async () => (persisted += 1) > 0 } })
  keepAwake(engine, browser, page)
  const change = async (busy: boolean): Promise<void> => {
    engine.busy = busy
    for (const listener of listeners) listener()
    await settled()
  }
  await change(true)
  await change(true)
  expect([held, persisted]).toEqual([1, 1])
  await change(false)
  expect(held).toBe(0)

  // Hidden, the browser took it; it is asked for again when the page is seen.
  await change(true)
  held = 0
  sentinel.dispatchEvent(new Event('release'))
  page.dispatchEvent(new Event('visibilitychange'))
  await settled()
  expect([held, persisted]).toEqual([1, 1])
})

test('a browser that has neither is left alone', () => {
  const engine = { busy: true, subscribe: (listener: () => void) => (listener(), () => undefined) }
  keepAwake(engine, Object.create(null), Object.assign(new EventTarget(), { visibilityState: 'visible' }))
})
