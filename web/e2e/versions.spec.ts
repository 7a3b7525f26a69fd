/** The versions of a file: which there are, what changed, one saved, one put in the place of the newest. */
import { readFile } from 'node:fs/promises'
import { check } from './support/axe'
import { fill, keysFor } from './support/filling'
import { expect, openLocation, setUp, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

const NAME = 'Plan 🚢 50%.md'
const text = (lines: readonly string[]): Buffer => Buffer.from(`${lines.join('\n')}\n`)

test('an older text is compared, saved and restored; what another wrote meanwhile is left', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  const keys = await keysFor(page, home)
  await fill(house.s3, keys, [[`deep/${NAME}`, text(['moor at nine', 'bring ropes'])]])
  await fill(house.s3, keys, [[`deep/${NAME}`, text(['moor at ten', 'bring ropes'])]])
  await openLocation(page, /Home/)
  await page.getByRole('row', { name: /deep/ }).dblclick()
  await page.getByRole('row', { name: /Plan/ }).click()
  await page.getByRole('complementary', { name: 'Details' }).getByRole('link', { name: 'Versions' }).click()
  await expect(page.getByRole('heading', { name: `Versions of “${NAME}”` })).toBeVisible()
  const lines = page.getByRole('list', { name: 'Versions' }).getByRole('listitem')
  await expect(lines).toHaveCount(2)
  await expect(lines.first()).toContainText('Now')
  await check(page, 'the versions of a file')

  await test.step('what changed', async () => {
    await lines.nth(1).getByRole('button', { name: /^Compare/ }).click()
    const dialog = page.getByRole('dialog', { name: /What changed since/ })
    await expect(dialog.locator('.change-gone')).toContainText('moor at nine')
    await expect(dialog.locator('.change-come')).toContainText('moor at ten')
    await expect(dialog.locator('.change-same')).toContainText('bring ropes')
    await check(page, 'two versions beside each other')
    await page.keyboard.press('Escape')
  })

  await test.step('an older one is saved under the name of the file', async () => {
    const [saved] = await Promise.all([page.waitForEvent('download'), lines.nth(1).getByRole('button', { name: /^Download/ }).click()])
    expect(saved.suggestedFilename()).toBe(NAME)
    expect(await readFile(await saved.path(), 'utf8')).toBe('moor at nine\nbring ropes\n')
  })

  await test.step('another wrote it meanwhile: nothing is written over', async () => {
    await fill(house.s3, keys, [[`deep/${NAME}`, text(['moor at noon'])]])
    await lines.nth(1).getByRole('button', { name: /^Restore/ }).click()
    await expect(page.getByText('the file was changed meanwhile')).toBeVisible()
    await expect(lines).toHaveCount(3)
  })

  await test.step('restored, it is the newest, and what was there stays', async () => {
    await lines.nth(2).getByRole('button', { name: /^Restore/ }).click()
    await expect(page.getByText(/is the newest again/)).toBeVisible()
    await expect(lines).toHaveCount(4)
    const [saved] = await Promise.all([page.waitForEvent('download'), lines.first().getByRole('button', { name: /^Download/ }).click()])
    expect(await readFile(await saved.path(), 'utf8')).toBe('moor at nine\nbring ropes\n')
  })

  await test.step('a deleted file shows when it was deleted, and comes back', async () => {
    await page.getByRole('link', { name: 'Back to the folder' }).click()
    await expect(page.getByRole('row', { name: /Plan/ })).toHaveAttribute('aria-selected', 'true')
    await page.getByRole('row', { name: /Plan/ }).click()
    await page.keyboard.press('Delete')
    await expect(page.getByText('1 file deleted.')).toBeVisible({ timeout: 30_000 })
    await page.goto(`/versions/${home}/deep/${encodeURIComponent(NAME)}`)
    await expect(lines).toHaveCount(5)
    await expect(lines.first()).toContainText('Deleted')
    await expect(lines.first().getByRole('button')).toHaveCount(0)
    await lines.nth(1).getByRole('button', { name: /^Restore/ }).click()
    await expect(page.getByText(/is the newest again/)).toBeVisible()
    await page.getByRole('link', { name: 'Back to the folder' }).click()
    await expect(page.getByRole('row', { name: /Plan/ })).toBeVisible()
  })
})

test('a file of one version says so', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [{ name: 'only.txt', mimeType: 'text/plain', buffer: Buffer.from('one') }])
  await page.getByRole('row', { name: /only\.txt/ }).click()
  await page.getByRole('complementary', { name: 'Details' }).getByRole('link', { name: 'Versions' }).click()
  await expect(page.getByText('There is only this one')).toBeVisible()
  await check(page, 'a file of one version')
})
