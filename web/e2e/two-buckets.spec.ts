/** A house of two buckets: both are places to work in, and files go from one to the other. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { startHouse } from './support/house'
import { approve, expect, openLocation, register, setUp, signIn, test as base } from './support/test'
import { bytesOf, locationAt, uploadAll } from './support/uploading'

const test = base.extend({
  house: [
    // Playwright reads the fixture's dependencies from this destructuring.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const house = await startHouse({}, async (folder, portal) => {
        const file = join(folder, 'estate.toml')
        const buckets = ['wellhouse', 'second-files'].map((name) => `[[bucket]]\nname = "${name}"\n`).join('')
        await writeFile(file, `installation = "main"\naccount = "000000000000"\nregion = "us-east-1"\ntarget = "embedded"\nportal_origins = ["${portal}"]\n${buckets}`)
        return { toml: `[estate]\nfile = "${file}"\n`, others: [] }
      })
      await use(house)
      await house.stop()
    },
    { scope: 'test', timeout: 120_000 },
  ],
})

/** The administrator gives bob a folder of the second bucket, by the form. */
async function give(admin: Page): Promise<void> {
  await admin.goto('/grants')
  await admin.getByRole('button', { name: /Person$/ }).click()
  await admin.getByRole('option', { name: 'bob' }).click()
  await admin.getByRole('button', { name: /Bucket$/ }).click()
  await admin.getByRole('option', { name: 'second-files' }).click()
  await admin.getByRole('button', { name: /Role$/ }).click()
  await admin.getByRole('option', { name: 'S3AccessRole' }).click()
  await admin.getByRole('textbox', { name: 'Folder' }).fill('team/')
  await admin.getByRole('textbox', { name: 'Title' }).fill('Team')
  await check(admin, 'a grant where there are two buckets')
  await admin.getByRole('button', { name: 'Show what it opens' }).click()
  await admin.getByRole('button', { name: 'Add grant' }).click()
  await expect(admin.getByRole('row', { name: /Team/ })).toContainText('second-files/team/')
}

test('a grant on a second bucket is a place like others, and files move there from the first', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await give(admin)
  await signIn(page, 'bob')
  const places = page.getByRole('main').getByRole('listitem')
  await expect(places.filter({ hasText: 'Home' })).toContainText('wellhouse/home/')
  await expect(places.filter({ hasText: 'Team' })).toContainText('second-files/team/')

  await test.step('upload to the second, by the store alone', async () => {
    const put = page.waitForRequest((request) => request.method() === 'PUT' && request.url().startsWith(`${house.s3}/second-files/team/`))
    await openLocation(page, /Team/)
    await uploadAll(page, [{ name: 'there.txt', mimeType: 'text/plain', buffer: Buffer.from('written there') }])
    await put
    expect((await bytesOf(page, await locationAt(page, /^team\//), 'there.txt')).toString()).toBe('written there')
  })

  await test.step('move from the first to the second', async () => {
    await openLocation(page, /Home/)
    await uploadAll(page, [{ name: 'mine.txt', mimeType: 'text/plain', buffer: Buffer.from('from home') }])
    await page.getByRole('row', { name: /mine\.txt/ }).click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Move to…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Move 1 item to' })
    await dialog.getByRole('button', { name: /Location$/ }).click()
    await page.getByRole('option', { name: 'Team' }).click()
    await dialog.getByRole('button', { name: 'Move here' }).click()
    await expect(page.getByText('1 file moved.')).toBeVisible({ timeout: 30_000 })
    await expect(page.getByRole('row', { name: /mine\.txt/ })).toHaveCount(0)
    await openLocation(page, /Team/)
    await expect(page.getByTestId('count')).toHaveText('2 items')
    expect((await bytesOf(page, await locationAt(page, /^team\//), 'mine.txt')).toString()).toBe('from home')
  })

  await test.step('a grant that is taken away unshown comes back in its bucket', async () => {
    await admin.goto('/grants')
    const row = admin.getByRole('row', { name: /Team/ })
    await admin.route('**/api/v1/changes/preview', (route) => route.abort())
    await row.getByRole('button', { name: /Team/ }).click()
    await expect(admin.getByText('Who loses what by it could not be shown.')).toBeVisible()
    await admin.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await expect(row).toHaveCount(0)
    await admin.getByRole('button', { name: 'Undo' }).click()
    await expect(row).toContainText('second-files/team/')
    await admin.unroute('**/api/v1/changes/preview')
  })

  await test.step('and what is deleted in the second is in its own trash', async () => {
    await openLocation(page, /Team/)
    await page.getByRole('row', { name: /there\.txt/ }).click()
    await page.keyboard.press('Delete')
    await expect(page.getByText('1 file deleted.')).toBeVisible()
    await page.getByRole('button', { name: 'Trash', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Trash of Team' })).toBeVisible()
    await expect(page.getByRole('checkbox', { name: 'Select there.txt' })).toBeAttached()
  })
})
