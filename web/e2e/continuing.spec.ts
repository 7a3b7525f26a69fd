/** Uploads that go on elsewhere: in another tab, on another device, on another page, after a failure. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Locator, Page, Route } from '@playwright/test'
import { digest, largeFile } from './support/files'
import { expect, openLocation, setUp, signIn, test } from './support/test'
import { linkTo, locationAt } from './support/uploading'

const MIB = 80
const PARTS = MIB / 8
const LONG = { timeout: 90_000 }

const inTray = (page: Page, name: string): Locator => page.getByRole('region', { name: 'List of uploads' }).getByRole('listitem').filter({ hasText: name })

interface Slowed {
  sent: number[]
  /** What waits is broken off, and what comes now: a page that closes would let it through. */
  cut(): Promise<void>
}

/** The parts of a page's uploads go through here; those from `held` on wait. */
async function slowed(page: Page, held: number): Promise<Slowed> {
  const sent: number[] = []
  const waiting: Route[] = []
  let cut = false
  await page.route(/[?&]partNumber=/, async (route) => {
    const part = Number(new URL(route.request().url()).searchParams.get('partNumber'))
    if (route.request().method() !== 'PUT') return route.continue()
    if (cut) return route.abort()
    if (part >= held) return void waiting.push(route)
    sent.push(part)
    return route.continue()
  })
  const stop = async (): Promise<void> => {
    cut = true
    // Those that the page broke off itself are gone.
    for (const route of waiting.splice(0)) await route.abort().catch(() => undefined)
  }
  return { sent, cut: stop }
}

test('two tabs do not send one upload, the tray goes from page to page, and another device goes on', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const desk = await visitor()
  await setUp(desk, house, { twoStep: false })
  await openLocation(desk, /Home/)
  const path = join(house.folder, 'film.bin')
  const sum = await largeFile(path, MIB)
  const first = await slowed(desk, 4)
  await desk.getByTestId('pick-files').setInputFiles(path)
  await expect.poll(() => first.sent.length, LONG).toBe(3)
  await expect.poll(async () => Number(await desk.getByRole('progressbar', { name: 'film.bin' }).getAttribute('aria-valuenow')), LONG).toBeGreaterThan(20)
  const status = desk.getByRole('region', { name: 'Uploads', exact: true }).locator('header').getByRole('status')
  await expect(status).toHaveText('Uploads are under way.')

  await test.step('the tray stays while one goes about', async () => {
    await desk.getByRole('link', { name: 'Access keys' }).click()
    await expect(desk.getByRole('heading', { name: 'Access keys', level: 1 })).toBeVisible()
    await expect(inTray(desk, 'film.bin')).toContainText(/ of 83\.9 MB/)
    await expect(status).toHaveText('Uploads are under way.')
  })

  const tab = await desk.context().newPage()
  await test.step('another tab leaves alone what this one sends', async () => {
    await tab.goto('/')
    await expect(tab.getByRole('heading', { name: 'Your locations' })).toBeVisible()
    const known = await (await tab.request.get('/api/v1/uploads')).json()
    expect(known.uploads).toHaveLength(1)
    await tab.waitForTimeout(1_000)
    await expect(tab.getByRole('region', { name: 'List of uploads' })).toHaveCount(0)
  })

  await test.step('and once it has taken over, this one may not', async () => {
    await desk.getByRole('button', { name: 'Pause film.bin' }).click()
    await expect(inTray(desk, 'film.bin')).toContainText('Paused at')
    await expect(status).toHaveText('No upload is under way.')
    await tab.reload()
    const held = await slowed(tab, 1)
    await tab.getByTestId('choose-again').setInputFiles(path)
    await expect(inTray(tab, 'film.bin')).toContainText(/ of 83\.9 MB/, LONG)
    await desk.getByRole('button', { name: 'Resume film.bin' }).click()
    await expect(inTray(desk, 'film.bin')).toContainText('Another tab is sending this file.')
    expect(held.sent).toEqual([])
    await held.cut()
    await tab.close({ runBeforeUnload: false })
  })

  await test.step('a phone goes on with the same file, and sends what was missing', async () => {
    const phone = await visitor()
    const rest = await slowed(phone, PARTS + 1)
    await signIn(phone, 'ada')
    await expect(inTray(phone, 'film.bin')).toContainText('Interrupted. Choose the same file to continue.')
    await phone.getByTestId('choose-again').setInputFiles(path)
    await expect(inTray(phone, 'film.bin')).toContainText('verified', LONG)
    expect(rest.sent.toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7, 8, 9, 10])
    const url = await linkTo(phone, await locationAt(phone, /^home\//), 'film.bin', false)
    const back = join(house.folder, 'back.bin')
    await writeFile(back, await (await phone.request.get(url)).body())
    expect(await digest(back)).toBe(sum)
  })
})

test('an upload that failed is tried again by its button, and a folder that failed by its own', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await page.route('**/entries?*', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', json: { code: 'store-unavailable', detail: 'the store does not answer' } }))
  await page.getByRole('main').getByRole('link', { name: /Home/ }).first().click()
  await expect(page.getByText('This folder could not be loaded')).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText('This folder is empty')).toHaveCount(0)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('This folder is empty')).toBeVisible()

  await page.route(/\/(?:puts|uploads)$/, (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    return route.fulfill({ status: 400, contentType: 'application/problem+json', json: { code: 'bad-request', detail: 'no' } })
  })
  await page.getByTestId('pick-files').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('note') })
  await expect(page.getByRole('button', { name: 'Retry note.txt' })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('row', { name: /note\.txt/ })).toHaveCount(0)
  await page.unrouteAll()
  await page.getByRole('button', { name: 'Retry note.txt' }).click()
  await expect(inTray(page, 'note.txt')).toContainText('verified', { timeout: 30_000 })
  await expect(page.getByRole('row', { name: /note\.txt/ })).toBeVisible()
})
