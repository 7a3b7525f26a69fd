/** Uploads as people have them: interrupted, repeated, dropped, pasted, in thousands, and on two devices. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { digest, folderOfFiles, largeFile } from './support/files'
import type { House } from './support/house'
import { countOf } from './support/listing'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

const DONE = { timeout: 120_000 }

/** `WELLHOUSE_E2E_MANY=10000` drops as many as people do. */
const MANY = Number(process.env['WELLHOUSE_E2E_MANY'] ?? 1_000)

async function atHome(page: Page, house: House): Promise<void> {
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
}

function note(name: string, text: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'text/plain', buffer: Buffer.from(text) }
}

const files = (page: Page): Locator => page.getByTestId('pick-files')
const inTray = (page: Page, name: string): Locator => page.getByRole('region', { name: 'List of uploads' }).getByRole('listitem').filter({ hasText: name })

async function unfinished(page: Page): Promise<number> {
  return (await (await page.request.get('/api/v1/uploads')).json()).uploads.length
}

/** What the store has under a name. */
async function content(page: Page, path: string): Promise<string> {
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  const { id } = locations.find((location: { title: string }) => location.title === 'Home')
  const options = { data: { path }, headers: { 'sec-fetch-site': 'same-origin' } }
  const { url } = await (await page.request.post(`/api/v1/locations/${id}/downloads`, options)).json()
  return (await page.request.get(url)).text()
}

test('a large file is paused, goes on, loses the network, and arrives whole; another is cancelled', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const page = await visitor()
  await atHome(page, house)
  const path = join(house.folder, 'film.bin')
  const sent = await largeFile(path, 160)
  await files(page).setInputFiles(path)
  const bar = page.getByRole('progressbar', { name: 'film.bin' })
  const percent = async (): Promise<number> => Number(await bar.getAttribute('aria-valuenow'))
  await expect.poll(percent, DONE).toBeGreaterThan(10)
  await page.getByRole('button', { name: 'Pause film.bin' }).click()
  await expect(inTray(page, 'film.bin')).toContainText(/Paused at \d+ %/)
  const paused = await percent()
  await page.waitForTimeout(1_000)
  expect(await percent()).toBe(paused)
  await page.getByRole('button', { name: 'Resume film.bin' }).click()
  await expect.poll(percent, DONE).toBeGreaterThan(40)
  await page.context().setOffline(true)
  await expect(inTray(page, 'film.bin')).toContainText('Connection lost. Continues by itself.', DONE)
  await page.context().setOffline(false)
  await expect(inTray(page, 'film.bin')).toContainText('verified', DONE)
  await page.getByRole('row', { name: /film\.bin/ }).click()
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download', exact: true }).first().click()
  const back = join(house.folder, 'back.bin')
  await (await download).saveAs(back)
  expect(await digest(back)).toBe(sent)

  await largeFile(join(house.folder, 'other.bin'), 160)
  await files(page).setInputFiles(join(house.folder, 'other.bin'))
  await expect(page.getByRole('button', { name: 'Pause other.bin' })).toBeVisible()
  await expect.poll(() => unfinished(page)).toBe(1)
  await page.getByRole('button', { name: 'Cancel other.bin' }).click()
  await expect(inTray(page, 'other.bin')).toHaveCount(0)
  await expect.poll(() => unfinished(page)).toBe(0)
})

test('a file that is there: the same is not sent, another is asked about, and both can be kept', async ({ house, visitor }) => {
  const page = await visitor()
  await atHome(page, house)
  await files(page).setInputFiles([note('a.txt', 'first a'), note('b.txt', 'first b'), note('c.txt', 'first c')])
  await expect(page.getByText('3 of 3 done')).toBeVisible(DONE)
  await page.getByRole('button', { name: 'Clear finished' }).click()

  let puts = 0
  page.on('request', (request) => (puts += Number(request.method() === 'PUT')))
  await files(page).setInputFiles(note('a.txt', 'first a'))
  await expect(inTray(page, 'a.txt')).toContainText('already there, the same', DONE)
  expect(puts).toBe(0)
  await page.getByRole('button', { name: 'Clear finished' }).click()

  await files(page).setInputFiles(note('a.txt', 'other a'))
  const dialog = page.getByRole('alertdialog', { name: '“a.txt” already exists' })
  await expect(dialog).toContainText('There now7 B')
  expect(puts, 'no byte moves before the answer').toBe(0)
  await dialog.getByRole('button', { name: 'Keep both' }).click()
  await expect(page.getByRole('row', { name: /a \(2\)\.txt/ })).toBeVisible(DONE)
  expect(await content(page, 'a.txt')).toBe('first a')
  expect(await content(page, 'a (2).txt')).toBe('other a')
  await page.getByRole('button', { name: 'Clear finished' }).click()

  await files(page).setInputFiles([note('a.txt', 'new a'), note('b.txt', 'new b'), note('c.txt', 'new c')])
  const first = page.getByRole('alertdialog', { name: /already exists/ })
  await expect(first.getByText('3 now')).toBeVisible(DONE)
  await first.getByText('Do this for all conflicts').click()
  await first.getByRole('button', { name: 'Replace' }).click()
  await expect(page.getByText('3 of 3 done')).toBeVisible(DONE)
  expect(await Promise.all(['a.txt', 'b.txt', 'c.txt'].map((name) => content(page, name)))).toEqual(['new a', 'new b', 'new c'])
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await files(page).setInputFiles(note('a.txt', 'never sent'))
  await page.getByRole('alertdialog').getByRole('button', { name: 'Skip' }).click()
  await expect(page.getByRole('region', { name: 'List of uploads' })).toHaveCount(0)
  expect(await content(page, 'a.txt')).toBe('new a')
})

test('a folder that is dropped and a picture that is pasted are uploaded', async ({ house, visitor }) => {
  const page = await visitor()
  await atHome(page, house)
  const folder = join(house.folder, 'dropped')
  await mkdir(folder)
  await folderOfFiles(folder, 12)
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder], dragOperationsMask: 1 }
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', x: 600, y: 400, data })
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', x: 600, y: 400, data })
  await expect(page.getByText('Drop to upload')).toBeVisible()
  // What is under the pointer is drawn anew while people drop: a listing that has just come.
  await page.evaluate(() => {
    const drawn = document.createElement('div')
    drawn.style.inset = '0'
    drawn.style.position = 'fixed'
    document.elementFromPoint(600, 400)?.append(drawn)
  })
  await session.send('Input.dispatchDragEvent', { type: 'drop', x: 600, y: 400, data })
  await expect(page.getByText('12 of 12 done')).toBeVisible(DONE)
  await page.getByRole('row', { name: /dropped/ }).dblclick()
  await page.getByRole('row', { name: /bilder 🦀/ }).dblclick()
  await expect(page.getByText('3 items')).toBeVisible()

  await page.getByRole('grid').evaluate((grid) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['not really a picture'], 'image.png', { type: 'image/png' }))
    grid.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
  await expect(page.getByRole('row', { name: /image\.png/ })).toBeVisible(DONE)
  expect(await content(page, 'dropped/bilder 🦀/image.png')).toBe('not really a picture')
})

test('very many files in one drop keep the page small, and all can be paused and cancelled', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  const page = await visitor()
  await atHome(page, house)
  const folder = join(house.folder, 'many')
  await mkdir(folder)
  for (let n = 0; n < MANY; n += 1) await writeFile(join(folder, `${n}.txt`), `content of ${n}`)
  await page.getByTestId('pick-folder').setInputFiles(folder)
  const tray = page.getByRole('region', { name: 'Uploads', exact: true })
  await expect(tray.getByRole('heading', { name: /^Uploading [\d,]+ files$/ })).toBeVisible(DONE)
  await expect(tray).toContainText(/ of [\d.]+ KB, .*\/s, .* left/, DONE)
  expect(await tray.getByRole('listitem').count()).toBeLessThan(20)
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(1_000)
  const begun = Date.now()
  const done = async (): Promise<number> => {
    const { locations } = await (await page.request.get('/api/v1/locations')).json()
    const { id } = locations.find((location: { title: string }) => location.title === 'Home')
    return countOf(page, id, 'many/')
  }
  await expect.poll(done, { timeout: 200_000 }).toBeGreaterThanOrEqual(Math.min(300, MANY))
  process.stdout.write(`${Math.round((300 * 1000) / (Date.now() - begun))} files a second, about\n`)

  await page.getByRole('button', { name: 'All uploads' }).click()
  await page.getByRole('menuitem', { name: 'Pause all' }).click()
  await expect(tray.getByRole('heading', { name: 'Uploads' })).toBeVisible()
  const rested = await done()
  await page.waitForTimeout(1_500)
  expect(await done()).toBe(rested)
  await page.getByRole('button', { name: 'All uploads' }).click()
  await page.getByRole('menuitem', { name: 'Resume all, and retry' }).click()
  await expect.poll(done, DONE).toBeGreaterThan(rested)
  await page.getByRole('button', { name: 'All uploads' }).click()
  await page.getByRole('menuitem', { name: 'Cancel all' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel all' }).click()
  await expect.poll(() => unfinished(page), DONE).toBe(0)
})

test('what was begun on one device is listed on another, and given up there', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const desk = await visitor()
  await register(desk, 'bob')
  await approve(admin, 'bob')
  await signIn(desk, 'bob')
  await openLocation(desk, /Home/)
  await largeFile(join(house.folder, 'report.bin'), 160)
  await files(desk).setInputFiles(join(house.folder, 'report.bin'))
  await expect.poll(async () => Number(await desk.getByRole('progressbar', { name: 'report.bin' }).getAttribute('aria-valuenow')), DONE).toBeGreaterThan(5)
  await desk.getByRole('button', { name: 'Pause report.bin' }).click()
  const phone = await visitor()
  await signIn(phone, 'bob')
  await expect(inTray(phone, 'report.bin')).toContainText('Interrupted. Choose the same file to continue.')
  await phone.getByRole('button', { name: 'Cancel report.bin' }).click()
  await expect.poll(() => unfinished(phone)).toBe(0)
})
