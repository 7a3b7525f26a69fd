/** What a file has besides its bytes: shown, written where it is allowed, and kept by a new version. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { fill, keysFor } from './support/filling'
import { expect, openLocation, setUp, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

const note = (text: string): { name: string; mimeType: string; buffer: Buffer } => ({ name: 'report.md', mimeType: 'text/markdown', buffer: Buffer.from(text) })

async function tagsShown(page: Page): Promise<string[]> {
  const list = page.getByRole('complementary', { name: 'Details' }).getByRole('list', { name: 'Tags' })
  await expect(list.getByRole('listitem').first()).toBeVisible({ timeout: 15_000 })
  return list.getByRole('listitem').allTextContents()
}

test('tags are written in the details, and a file that replaces another keeps them', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Everything/)
  await uploadAll(page, [note('first')]).catch(async () => {
    await expect(page.getByRole('row', { name: /report\.md/ })).toBeVisible({ timeout: 30_000 })
  })
  await page.getByRole('row', { name: /report\.md/ }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  await expect(details).toContainText('text/markdown', { timeout: 15_000 })
  await expect(details).toContainText('None was written with this file.')
  await details.getByRole('button', { name: 'Edit tags' }).click()
  const dialog = page.getByRole('dialog', { name: 'Tags of “report.md”' })
  await check(page, 'the tags of a file')
  await dialog.getByRole('textbox', { name: 'Key of tag 1' }).fill('team')
  await dialog.getByRole('textbox', { name: 'Value of tag 1' }).fill('harbour')
  await dialog.getByRole('button', { name: 'Add a tag' }).click()
  await dialog.getByRole('textbox', { name: 'Key of tag 2' }).fill('Team')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog.getByRole('alert')).toContainText('no key comes twice')
  await dialog.getByRole('textbox', { name: 'Key of tag 2' }).fill('draft')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await tagsShown(page)).toEqual(['draft', 'team: harbour'])

  await page.getByTestId('pick-files').setInputFiles(note('second'))
  await page.getByRole('alertdialog', { name: '“report.md” already exists' }).getByRole('button', { name: 'Replace' }).click()
  await expect(page.getByRole('region', { name: 'List of uploads' })).toContainText('verified', { timeout: 30_000 })
  await page.reload()
  await page.getByRole('row', { name: /report\.md/ }).click()
  expect(await tagsShown(page)).toEqual(['draft', 'team: harbour'])
})

test('who may not write tags is told why, and can ask for it', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [note('mine')])
  await page.getByRole('row', { name: /report\.md/ }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  await expect(details).toContainText('s3:PutObjectTagging', { timeout: 15_000 })
  await expect(details.getByRole('button', { name: 'Edit tags' })).toHaveCount(0)
  await expect(details.getByRole('button', { name: 'Ask for access' })).toBeVisible()
})

test('metadata that another tool wrote is shown with its values', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house)
  const keys = await keysFor(page, await locationAt(page, /^home\//))
  await fill(house.s3, keys, [['survey.csv', Buffer.from('a,b'), { instrument: 'echo sounder 7', surveyor: 'Inge' }]])
  await openLocation(page, /Home/)
  await page.getByRole('row', { name: /survey\.csv/ }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  const value = (name: string) => details.locator('dl.facts > div').filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) }).locator('dd')
  await expect(value('instrument')).toHaveText('echo sounder 7', { timeout: 15_000 })
  await expect(value('surveyor')).toHaveText('Inge')
  await expect(details).toContainText('Metadata is written with a file')
})
