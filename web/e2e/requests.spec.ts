/**
 * How many requests reach the store's door for one thing that a person does: the browser's and the portal's own, as the
 * door itself writes them down. CORS preflights are counted apart, and calls of STS (the role session that everything
 * else is done with) are not S3's.
 *
 * The measure of each action is what it cannot do without: one listing a thousand entries, one GET a file, one PUT a small
 * file, one DeleteObjects a thousand keys (which puts a delete marker each, where versions are kept); of a large file the
 * beginning, each part, and the completion.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { largeFile } from './support/files'
import { startHouse, type House } from './support/house'
import { expect, openLocation, setUp, test as base } from './support/test'

/** Beyond what an action cannot do without, over all of them. */
const RATIO_MAX = 1.1
/** For so long nothing may have come before an action counts as over: longer than anything that the page puts off. */
const QUIET_MS = 3_000
const PART_MIB = 8
const LARGE_MIB = 40
const MANY = 700

interface Line {
  bucket: string
  method: string
  status: number
}

class DoorLog {
  readonly lines: Line[] = []
  private last = 0

  readonly hear = (text: string): void => {
    if (!text.startsWith('{')) return
    const { target, fields } = JSON.parse(text)
    if (target !== 'wh_endpoint::door' || fields.message !== 'answered') return
    this.last = Date.now()
    this.lines.push({ bucket: fields.bucket, method: fields.method, status: fields.status })
  }

  async quiet(): Promise<void> {
    this.last = Date.now()
    await expect.poll(() => Date.now() - this.last, { timeout: 120_000, intervals: [200] }).toBeGreaterThan(QUIET_MS)
  }
}

const test = base.extend<{ door: DoorLog; house: House }>({
  // Playwright reads the fixture's dependencies from this destructuring.
  // oxlint-disable-next-line no-empty-pattern
  door: async ({}, use) => use(new DoorLog()),
  house: [
    async ({ door }, use) => {
      const settings = { WELLHOUSE_LOG__FILTER: 'warn,wh_endpoint=debug', WELLHOUSE_LOG__FORMAT: 'json' }
      const house = await startHouse(settings, undefined, door.hear)
      await use(house)
      await house.stop()
    },
    { scope: 'test', timeout: 120_000 },
  ],
})

interface Counted {
  action: string
  needed: number
  requests: number
  preflights: number
  methods: string
}

/** What reaches the door from the action on, until it is quiet. */
async function counted(door: DoorLog, action: string, needed: number, act: () => Promise<void>): Promise<Counted> {
  await door.quiet()
  const from = door.lines.length
  await act()
  await door.quiet()
  const lines = door.lines.slice(from).filter(({ bucket }) => bucket !== '')
  const own = lines.filter(({ method }) => method !== 'OPTIONS')
  return { action, needed, requests: own.length, preflights: lines.length - own.length, methods: own.map(({ method, status }) => `${method} ${status}`).join(', ') }
}

async function makeFolder(page: Page, location: string, path: string): Promise<void> {
  const headers = { 'sec-fetch-site': 'same-origin' }
  expect((await page.request.post(`/api/v1/locations/${location}/folders`, { headers, data: { path } })).status()).toBe(201)
}

const rows = (page: Page, text: RegExp): ReturnType<Page['getByText']> => page.getByTestId('count').and(page.getByText(text))

/** This bucket keeps versions, so that nothing is asked before it is deleted. */
async function deleteSelected(page: Page): Promise<void> {
  await page.keyboard.press('Delete')
}

test('what a person does comes to one request to the store, as the store counts', async ({ house, door, visitor }) => {
  test.setTimeout(900_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  const home: string = locations.find(({ title }: { title: string }) => title === 'Home').id
  for (let n = 0; n < MANY; n += 1) await makeFolder(page, home, `many/${String(n).padStart(3, '0')}/`)
  const large = join(house.folder, 'large.bin')
  await largeFile(large, LARGE_MIB)
  await openLocation(page, /Home/)
  const picked = page.getByTestId('pick-files')
  const table: Counted[] = []
  const count = async (action: string, needed: number, act: () => Promise<void>): Promise<void> => void table.push(await counted(door, action, needed, act))

  await count(`open a folder of ${MANY}`, 1, async () => {
    await page.getByRole('row', { name: /many/ }).dblclick()
    await expect(rows(page, /^700 items$/)).toBeVisible({ timeout: 30_000 })
  })
  await page.goBack()
  await expect(rows(page, /^1 item$/)).toBeVisible({ timeout: 30_000 })
  await makeFolder(page, home, 'few/')
  await page.reload()
  await count('open a small folder', 1, async () => {
    await page.getByRole('row', { name: /few/ }).dblclick()
    await expect(page.getByText('This folder is empty')).toBeVisible({ timeout: 30_000 })
  })
  await count('upload a small file', 1, async () => {
    await picked.setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') })
    await expect(rows(page, /^1 item$/)).toBeVisible({ timeout: 30_000 })
  })
  await count(`upload ${LARGE_MIB} MiB`, LARGE_MIB / PART_MIB + 2, async () => {
    await picked.setInputFiles(large)
    await expect(rows(page, /^2 items$/)).toBeVisible({ timeout: 120_000 })
  })
  // The pane of details asks for the properties of what is selected: that is an action of its own.
  await page.getByRole('button', { name: 'Details', exact: true }).click()
  await count('download a file', 1, async () => {
    await page.getByRole('row', { name: /note/ }).click()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download', exact: true }).click()
    await (await saved).path()
  })
  // Whether the bucket keeps versions, how long, and who may bring them back is asked once in five minutes for a folder.
  const first = await counted(door, 'delete a file, the first in this folder', 1, async () => {
    await page.getByRole('row', { name: /note/ }).click()
    await deleteSelected(page)
    await expect(rows(page, /^1 item$/)).toBeVisible({ timeout: 30_000 })
  })
  await picked.setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') })
  await expect(rows(page, /^2 items$/)).toBeVisible({ timeout: 30_000 })
  await count('delete a file', 1, async () => {
    await page.getByRole('row', { name: /large/ }).click()
    await deleteSelected(page)
    await expect(rows(page, /^1 item$/)).toBeVisible({ timeout: 30_000 })
  })
  await count('upload 50 small files', 50, async () => {
    await picked.setInputFiles(Array.from({ length: 50 }, (_, n) => ({ name: `${n}.txt`, mimeType: 'text/plain', buffer: Buffer.from(`file ${n}`) })))
    await expect(rows(page, /^51 items$/)).toBeVisible({ timeout: 60_000 })
  })
  await count('delete 51 selected', 1, async () => {
    await page.getByRole('grid').focus()
    await page.keyboard.press('ControlOrMeta+a')
    await deleteSelected(page)
    await expect(page.getByText('This folder is empty')).toBeVisible({ timeout: 30_000 })
  })

  process.stdout.write(`${[...table, first].map(({ action, needed, requests, preflights, methods }) => `${action}: ${requests} of ${needed}, preflights ${preflights} (${methods})`).join('\n')}\n`)
  expect(first.requests, first.methods).toBe(4)
  const sum = (of: (line: Counted) => number): number => [...table, first].reduce((total, line) => total + of(line), 0)
  for (const { action, needed, requests, methods } of table) {
    expect(requests / needed, `${action}: ${methods}`).toBeLessThanOrEqual(RATIO_MAX)
    expect(requests, `${action} was counted`).toBeGreaterThanOrEqual(needed)
  }
  expect(sum(({ requests }) => requests) / sum(({ needed }) => needed)).toBeLessThanOrEqual(RATIO_MAX)
})

test('a file that is gone is told when it is downloaded, though nobody asked before', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await writeFile(join(house.folder, 'gone.txt'), 'soon')
  await page.getByTestId('pick-files').setInputFiles(join(house.folder, 'gone.txt'))
  await expect(rows(page, /^1 item$/)).toBeVisible({ timeout: 30_000 })
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  const home = locations.find(({ title }: { title: string }) => title === 'Home').id
  const headers = { 'sec-fetch-site': 'same-origin' }
  const deleted = await page.request.post(`/api/v1/locations/${home}/delete`, { headers, data: { paths: ['gone.txt'] } })
  expect((await deleted.json()).deleted).toBe(1)
  await page.getByRole('row', { name: /gone/ }).click()
  await page.getByRole('button', { name: 'Download', exact: true }).click()
  await expect(page.getByText('“gone.txt” could not be downloaded: It is not there any more.')).toBeVisible()
})
