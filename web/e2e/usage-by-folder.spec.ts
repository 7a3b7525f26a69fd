/** How much lies in a folder: by size, downwards by clicks, from the folder and from the bar of a quota, on a phone and in German. */
import { check } from './support/axe'
import { fill, keysFor } from './support/filling'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { locationAt } from './support/uploading'

const of = (size: number) => Buffer.alloc(size, 'a')

test('what lies in a folder is told by size, and each folder opens its own', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  await fill(house.s3, await keysFor(page, home), [
    ['Port calls/2026/Berths.csv', of(6_000)],
    ['Port calls/Minutes.md', of(1_500)],
    ['Tides/High.md', of(2_000)],
    ['notes.txt', of(500)],
  ])
  await openLocation(page, /Home/)
  await page.getByRole('grid').click({ button: 'right', position: { x: 300, y: 500 } })
  await page.getByRole('menuitem', { name: 'Usage', exact: true }).click()
  await expect(page).toHaveURL(/\/usage\//)
  const rows = page.getByRole('table', { name: /What is in/ }).getByRole('row')
  // The index may lack what was written just now.
  await expect(async () => {
    await page.reload()
    await expect(page.getByText('10 KB in 4 files; 2 folders in this one.')).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await expect(rows).toHaveText([/Name/, /Port calls.*75 %.*7\.5 KB.*2/, /Tides.*20 %.*2 KB.*1/, /notes\.txt.*5 %.*500 B/])
  await expect(page.getByRole('meter', { name: 'Port calls: 75 % of this folder' })).toBeVisible()
  await check(page, 'usage of a folder')
  await page.setViewportSize({ width: 1360, height: 860 })

  await page.getByRole('link', { name: 'Port calls' }).click()
  await expect(page.getByRole('heading', { name: 'Usage of Port calls', level: 1 })).toBeVisible()
  await expect(rows).toHaveText([/Name/, /2026.*80 %/, /Minutes\.md.*20 %/])
  await page.getByRole('link', { name: 'Minutes.md' }).click()
  await expect(page.getByRole('row', { name: /Minutes\.md/ })).toHaveAttribute('aria-selected', 'true')

  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('searchbox').fill('usage')
  await page.getByRole('menuitem', { name: 'Usage', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Usage of Port calls', level: 1 })).toBeVisible()
  await page.getByRole('navigation', { name: 'Way to this folder' }).getByRole('link').first().click()
  await expect(rows.nth(2)).toHaveText(/Tides/)
})

test('somebody else’s files are in no sum, and the bar of a quota leads there', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const [admin, bob] = [await visitor(), await visitor()]
  await setUp(admin, house)
  await register(bob, 'bob')
  await approve(admin, 'bob')
  const home = await locationAt(admin, /^home\//)
  await fill(house.s3, await keysFor(admin, home), [['Ledger/secret.txt', of(3_000)]])
  await admin.goto('/quotas')
  await admin.getByLabel('Size at most').fill('2 MB')
  await admin.getByRole('button', { name: 'Save' }).click()
  await expect(admin.getByRole('heading', { name: 'Every person' })).toBeVisible()

  await signIn(bob, 'bob')
  await openLocation(bob, /bob|home/i)
  await bob.getByRole('link', { name: /Your own places: 0 B of 2 MB/ }).click({ timeout: 20_000 })
  await expect(bob.getByRole('heading', { name: 'Nothing is here' })).toBeVisible()
  await expect(bob.getByText('secret')).toHaveCount(0)
  await bob.goto(`/usage/${home}`)
  await expect(bob.getByRole('alert')).toContainText('How much is here could not be found out')
  await check(bob, 'usage of a place that is not theirs')
})
