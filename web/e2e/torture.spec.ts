/**
 * One large file through everything that goes wrong on the way: connections reset, answers lost, the network away, the
 * credentials ended, the page loaded anew, the server killed. Exactly its bytes arrive, and no part is sent that the
 * store is known to have.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { Between, type Fate, type Passed } from './support/between'
import { largeFile } from './support/files'
import { startHouse } from './support/house'
import { approve, expect, openLocation, register, reloadAsked, setUp, signIn, test as base } from './support/test'
import { linkTo, locationAt } from './support/uploading'

/** `cargo xtask torture --mib 2048` takes as much as people have. */
const MIB = Number(process.env['WELLHOUSE_E2E_TORTURE_MIB'] ?? 128)
const PART_MIB = 8
const PARTS = MIB / PART_MIB
/** Of so many PUTs one is broken; of the short slice more of them. */
const EVERY = MIB >= 1_024 ? 20 : 5
/** How long the store is slow to take each part of the short slice: everything has to happen while it is under way. */
const SLOW_MS = MIB >= 1_024 ? 0 : 400

const test = base.extend<{ between: Between }>({
  // Playwright reads the fixture's dependencies from this destructuring.
  // oxlint-disable-next-line no-empty-pattern
  between: async ({}, use) => {
    const between = await Between.open()
    await use(between)
    await between.close()
  },
  house: [
    async ({ between }, use) => {
      const toml = `[s3]\npublic_url = "${between.address}"\n`
      const house = await startHouse({}, async () => ({ toml, others: [between.address] }))
      between.upstream = house.s3
      await use(house)
      await house.stop()
    },
    { scope: 'test', timeout: 120_000 },
  ],
})

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Half of the broken ones lose the body, half of them the answer: the store has those. */
const fate = (put: number): Fate => (put % EVERY !== 0 ? 'pass' : put % (2 * EVERY) === 0 ? 'lose-the-answer' : 'reset')

/** Whoever leaves a group has every role session ended, and with it whatever was signed under one. */
async function endCredentials(admin: Page): Promise<void> {
  const headers = { 'sec-fetch-site': 'same-origin' }
  const { people } = await (await admin.request.get('/api/v1/people')).json()
  const { uid } = people.find((person: { name: string }) => person.name === 'bob')
  const made = await admin.request.post('/api/v1/groups', { headers, data: { name: 'passing' } })
  expect(made.status(), await made.text()).toBeLessThan(300)
  const member = `/api/v1/groups/${(await made.json()).id}/members/${uid}`
  expect((await admin.request.put(member, { headers })).status()).toBeLessThan(300)
  expect((await admin.request.delete(member, { headers })).status()).toBeLessThan(300)
}

/** Does something while parts are on their way that were signed before; gives those parts. */
async function meanwhile(between: Between, work: () => Promise<void>): Promise<Passed[]> {
  const { gate } = between
  const open: (() => void)[] = []
  between.gate = () => new Promise((opened) => open.push(opened))
  await expect.poll(() => open.length, { timeout: 30_000 }).toBeGreaterThan(1)
  await work()
  const held = between.log.filter(({ method, status, what }) => method === 'PUT' && status === undefined && what.includes('partNumber=')).slice(-open.length)
  between.gate = gate
  for (const opened of open) opened()
  return held
}

async function sha256Of(url: string): Promise<{ sum: string; bytes: number }> {
  const { body } = await fetch(url)
  if (body === null) throw new Error('no body')
  const hash = createHash('sha256')
  let bytes = 0
  const reader = body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    hash.update(read.value)
    bytes += read.value.length
  }
  return { sum: hash.digest('hex'), bytes }
}

test('through resets, an offline time, ended credentials, a reload and a killed server exactly the file arrives', async ({ visitor, house, between }) => {
  test.setTimeout(60_000 + MIB * 1_500)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  const path = join(house.folder, 'film.bin')
  const sent = await largeFile(path, MIB)
  between.fate = fate
  between.gate = () => wait(SLOW_MS)
  const reached = (share: number): Promise<void> =>
    expect.poll(() => between.passedOn.size, { timeout: 30_000 + MIB * 200, intervals: [50] }).toBeGreaterThanOrEqual(Math.floor(PARTS * share))
  const row = page.getByRole('region', { name: 'List of uploads' }).getByRole('listitem')
  const begun = Date.now()
  await page.getByTestId('pick-files').setInputFiles(path)

  await reached(0.15)
  await page.context().setOffline(true)
  await expect(row).toContainText('Connection lost. Continues by itself.', { timeout: 60_000 })
  await wait(2_000)
  await page.context().setOffline(false)

  await reached(0.3)
  const signedBefore = await meanwhile(between, () => endCredentials(admin))

  await reached(0.5)
  await reloadAsked(page)
  await expect(row).toContainText('Interrupted. Choose the same file to continue.', { timeout: 60_000 })
  const before = between.passedOn.size
  await page.getByTestId('pick-files').setInputFiles(path)

  await reached(0.7)
  expect(between.passedOn.size).toBeGreaterThan(before)
  await house.kill()
  await expect(row).toContainText('Connection lost. Continues by itself.', { timeout: 60_000 })
  await house.startAgain()
  await expect(row).toContainText('verified', { timeout: 60_000 + MIB * 1_000 })
  const seconds = (Date.now() - begun) / 1_000

  const broken = between.log.filter(({ method, told }) => method === 'PUT' && !told).length
  process.stdout.write(`${MIB} MiB in ${Math.round(seconds)} s: ${broken} parts broken off, ${signedBefore.length} signed by credentials that had ended\n`)
  expect(between.passedOn.size, 'every part was sent').toBe(PARTS)
  expect(between.sentAgain, 'no part was sent again that the store had').toEqual([])
  expect(broken).toBeGreaterThanOrEqual(Math.floor(PARTS / EVERY))
  // Told by 400, or by the end of a connection on which the store would not read the body.
  expect(signedBefore.map(({ status }) => status), 'none was taken that was signed before the credentials ended').not.toContain(200)
  const back = await sha256Of(await linkTo(page, await locationAt(page, /^home\//), 'film.bin', false))
  expect(back).toEqual({ sum: sent, bytes: MIB * 2 ** 20 })
})
