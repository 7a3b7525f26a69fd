/** The main job: set up, register, approve, sign in, upload, interrupt, continue, download, compare. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { approve, expect, openLocation, register, reloadAsked, setUp, signIn, test } from './support/test'
import { digest, folderOfFiles, largeFile } from './support/files'

/** In MiB; the gigabyte unless told otherwise. */
const LARGE_MIB = Number(process.env['WELLHOUSE_E2E_LARGE_MIB'] ?? 1024)

test('from the printed link to the same bytes back', async ({ house, visitor }) => {
  test.setTimeout(15 * 60_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)

  await test.step('a folder of 200 files', async () => {
    const folder = join(house.folder, 'letters-2026')
    await mkdir(folder)
    await folderOfFiles(folder, 200)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Upload a folder' }).click()
    await (await chooser).setFiles(folder)
    await expect(page.getByText('200 of 200 done')).toBeVisible({ timeout: 120_000 })
    await page.getByRole('row', { name: /letters-2026/ }).dblclick()
    await page.getByRole('row', { name: /bilder 🦀/ }).dblclick()
    await expect(page.getByText('50 items')).toBeVisible()
  })

  const large = join(house.folder, 'large.bin')
  const sent = await largeFile(large, LARGE_MIB)

  await test.step('a large file, reloaded in the middle', async () => {
    await openLocation(page, /Home/)
    await choose(page, 'Upload files', large)
    const bar = page.getByRole('progressbar', { name: /large\.bin/ })
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 240_000 }).toBeGreaterThan(30)
    await reloadAsked(page)
    const again = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose the file for large.bin' }).click()
    await (await again).setFiles(large)
    await expect(page.getByRole('listitem').filter({ hasText: 'large.bin' }).getByText(/verified/)).toBeVisible({ timeout: 480_000 })
  })

  await test.step('the same bytes come back', async () => {
    await page.getByRole('row', { name: /large\.bin/ }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download', exact: true }).first().click()
    const got = await download
    expect(got.suggestedFilename()).toBe('large.bin')
    const path = join(house.folder, 'back.bin')
    await got.saveAs(path)
    expect(await digest(path)).toBe(sent)
  })
})

async function choose(page: Page, item: string, path: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await (await chooser).setFiles(path)
}
