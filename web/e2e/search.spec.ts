/** Searching by name over all locations: from the frame, the palette and the page; by keyboard, on a phone, in German. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { uploadAll } from './support/uploading'

const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`text of ${name}`) })
const results = (page: Page) => page.getByRole('list', { name: 'What was found' }).getByRole('listitem')

async function seek(page: Page, words: string): Promise<void> {
  await page.goto(`/search?q=${encodeURIComponent(words)}`)
  await expect(page.getByRole('heading', { name: 'Search', level: 1 })).toBeVisible()
}

test('what one has is found by a part of its name, shown with what matched, looked at and opened', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [text('annual report.txt'), text('Reporting rules.txt'), text('holiday.txt')])

  const field = page.getByRole('searchbox', { name: 'Search all locations' })
  await field.fill('REPORT')
  await field.press('Enter')
  await expect(page).toHaveURL(/\/search\?q=REPORT/)
  await expect(async () => {
    await page.reload()
    await expect(results(page)).toHaveCount(2, { timeout: 1_000 })
  }).toPass()
  await expect(results(page).first().locator('mark')).toHaveText('Report')
  await expect(page.getByRole('status').filter({ hasText: '2 results' })).toBeVisible()
  await check(page, 'what a search found')
  await page.setViewportSize({ width: 1360, height: 860 })

  await results(page).filter({ hasText: 'annual' }).getByRole('button', { name: 'Look at annual report.txt' }).click()
  await expect(page.getByText('text of annual report.txt')).toBeVisible()
  await page.keyboard.press('Escape')
  await results(page).filter({ hasText: 'annual' }).getByRole('link').click()
  await expect(page.getByRole('row', { name: /annual report/ })).toHaveAttribute('aria-selected', 'true')

  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('searchbox').fill('holi')
  await page.getByRole('menuitem', { name: 'Search all locations for “holi”' }).click()
  await expect(results(page)).toHaveText([/holiday\.txt/])

  await page.getByRole('button', { name: /Kind/ }).click()
  await page.getByRole('option', { name: 'Pictures' }).click()
  await expect(page).toHaveURL(/kind=image/)
  await expect(page.getByRole('heading', { name: 'Nothing was found' })).toBeVisible()
})

test('nobody finds what is somebody else’s, and on a phone and in German it is found, too', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const bob = await visitor()
  await register(bob, 'bob')
  await approve(admin, 'bob')
  await signIn(bob, 'bob')
  await openLocation(admin, /Home/)
  await uploadAll(admin, [text('merger secret.txt')])
  await seek(admin, 'merger')
  await expect(async () => {
    await admin.reload()
    await expect(results(admin)).toHaveCount(1, { timeout: 1_000 })
  }).toPass()
  await bob.setViewportSize({ width: 390, height: 800 })
  await seek(bob, 'merger')
  await expect(bob.getByRole('heading', { name: 'Nothing was found' })).toBeVisible()
  await check(bob, 'a search that found nothing')
  await bob.setViewportSize({ width: 1360, height: 860 })
  await openLocation(bob, /Home/)
  await uploadAll(bob, [text('meadow.txt')])
  await bob.getByRole('button', { name: /account menu of bob/ }).click()
  await bob.getByRole('menuitem', { name: 'Deutsch' }).click()
  await expect(bob.locator('html')).toHaveAttribute('lang', 'de')
  await bob.setViewportSize({ width: 390, height: 800 })
  await bob.goto('/search?q=mead')
  await expect(bob.getByRole('heading', { name: 'Suche', level: 1 })).toBeVisible()
  const found = bob.getByRole('list', { name: 'Was gefunden wurde' }).getByRole('listitem')
  await expect(async () => {
    await bob.reload()
    await expect(found).toHaveText([/meadow\.txt/], { timeout: 1_000 })
  }).toPass()
  const overflow = await bob.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  expect(overflow).toBeLessThanOrEqual(0)
})
