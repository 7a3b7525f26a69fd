import { expect, test } from 'vitest'
import { Ways } from './ways'

const URL_OF_PART = 'https://store.example/b/k?partNumber=1'

const atOnce = async (): Promise<void> => undefined

/** What answers: the store, the portal. */
function ways(store: boolean, portal: boolean): Ways {
  return new Ways(async (url) => (url.startsWith('https://store.example/') ? store : portal), atOnce)
}

test('a store that does not answer while the portal does is gone round', async () => {
  const found = ways(false, true)
  let told = 0
  found.changed = () => (told += 1)
  await Promise.all([found.unanswered(URL_OF_PART), found.unanswered(URL_OF_PART)])
  expect(found.current).toBe('portal')
  expect(told).toBe(1)
})

test('a store that starts a moment after the portal is not gone round', async () => {
  let started = false
  const waits: number[] = []
  const found = new Ways(
    async (url) => started || !url.startsWith('https://store.example/'),
    async (ms) => {
      waits.push(ms)
      started = true
    },
  )
  await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
  expect(waits).toEqual([3_000])
})

test('a part that got through while it was looked at settles it', async () => {
  const found: Ways = new Ways(
    async (url) => !url.startsWith('https://store.example/'),
    async () => found.succeeded(),
  )
  await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
})

test('where neither answers the network is away, and the way stays', async () => {
  const found = ways(false, false)
  for (let n = 0; n < 5; n += 1) await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
})

test('a store whose answers the browser keeps back is gone round at the third time', async () => {
  const found = ways(true, true)
  await found.unanswered(URL_OF_PART)
  await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
  await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('portal')
})

test('breaks of a network that was away do not count against the store', async () => {
  let network = false
  const found = new Ways(async () => network, atOnce)
  for (let n = 0; n < 5; n += 1) await found.unanswered(URL_OF_PART)
  network = true
  await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
})

test('once something got through, a break is a break', async () => {
  const found = ways(false, true)
  found.succeeded()
  for (let n = 0; n < 5; n += 1) await found.unanswered(URL_OF_PART)
  expect(found.current).toBe('store')
})
