/** The page of activity: what somebody else did in a folder, filtered, and reached from the folder. */
import { check } from './support/axe'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })

test('what happened in a folder is told to whoever may list it, by whom and what', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await setUp(admin, house)
  await admin.goto(`/files/${await locationAt(admin, /^$/)}/shared`)
  await uploadAll(admin, [text('a.txt'), text('b.txt')])
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  await uploadAll(page, [text('own.txt')])
  await page.getByRole('link', { name: 'Activity', exact: true }).click()
  const list = page.getByRole('list', { name: 'What happened' })
  await expect(list.getByRole('listitem').filter({ hasText: 'bob added own.txt' })).toBeVisible({ timeout: 15_000 })
  await expect(list.getByRole('listitem').filter({ hasText: /ada added (a|b)\.txt, (a|b)\.txt/ })).toBeVisible()
  await check(page, 'activity')
  await openLocation(page, /Shared/)
  await page.getByRole('button', { name: 'Activity', exact: true }).click()
  await expect(page.getByRole('heading', { name: /Activity in/ })).toBeVisible()
  await expect(list.getByRole('listitem')).toHaveCount(1)
  await expect(list).not.toContainText('own.txt')
  await page.getByLabel('From').fill('2020-01-01')
  await page.getByLabel('Until').fill('2020-01-02')
  await expect(page.getByText('Nothing that happened is as you ask for it.')).toBeVisible()
  await check(page, 'activity of which nothing is shown')
})
