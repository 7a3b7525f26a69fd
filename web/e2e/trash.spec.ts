/** A trash of more than a thousand files: what is looked at is drawn, and no more. */
import { check } from './support/axe'
import { fill, keysFor, type Small } from './support/filling'
import { expect, openLocation, setUp, test } from './support/test'
import { locationAt } from './support/uploading'

const COUNT = 1_250
const NODES_MAX = 4_000
const FIRST_ROWS_MS_MAX = 5_000

function* letters(): Generator<Small> {
  for (let n = 0; n < COUNT; n += 1) yield [`old/letter ${String(n).padStart(4, '0')}.txt`, Buffer.from(`${n}`)]
}

test('a long trash is there at once, some of it at a time, and is brought back by a thousand', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  await fill(house.s3, await keysFor(page, home), letters())
  await openLocation(page, /Home/)
  await page.getByRole('row', { name: /old/ }).click()
  await page.keyboard.press('Delete')
  await expect(page.getByText('1,250 files deleted.')).toBeVisible({ timeout: 120_000 })

  const opened = Date.now()
  await page.getByRole('button', { name: 'Trash', exact: true }).click()
  await expect(page.getByRole('checkbox', { name: 'Select old/letter 0000.txt' })).toBeAttached()
  expect(Date.now() - opened).toBeLessThan(FIRST_ROWS_MS_MAX)
  await expect(page.getByText('200 of 1,250 items shown')).toBeVisible()
  const rows = page.getByRole('list', { name: 'Trash' }).getByRole('listitem')
  await expect(rows).toHaveCount(200)
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(NODES_MAX)
  await check(page, 'a long trash')
  await page.getByRole('button', { name: 'Show 200 more' }).click()
  await expect(rows).toHaveCount(400)
  await expect(page.getByText('400 of 1,250 items shown')).toBeVisible()

  await page.getByRole('checkbox', { name: 'Select the first 1,000' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Restore' }).click()
  await expect(page.getByText('1,000 files restored.')).toBeVisible({ timeout: 120_000 })
  await expect(page.getByText('All 250 items shown', { exact: true })).toBeVisible()
  await expect(rows).toHaveCount(250)
  await expect(page.getByRole('checkbox', { name: 'Select all' })).toBeAttached()
})
