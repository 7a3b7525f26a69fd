/** The pictures of how much there is: by folder, the quotas of administrators, and the bar in a folder. */
import { mkdir } from 'node:fs/promises'
import { fill, keysFor } from './support/filling'
import { IMAGES, picture } from './support/pictures'
import { approve, expect, openLocation, register, setUp, test } from './support/test'
import { locationAt } from './support/uploading'

const of = (kilobytes: number) => Buffer.alloc(kilobytes * 1_000, 'a')

test('usage by folder and quotas, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const [page, other] = [await visitor(), await visitor()]
  await setUp(page, house)
  await register(other, 'bob')
  await approve(page, 'bob')
  const home = await locationAt(page, /^home\//)
  await fill(house.s3, await keysFor(page, home), [
    ['Port calls/2026/Berths.csv', of(4_100)],
    ['Port calls/Harbour map.png', of(1_900)],
    ['Photographs/Regatta.jpg', of(2_300)],
    ['Tides/High.md', of(240)],
    ['Harbour office.docx', of(310)],
  ])
  await page.goto('/quotas')
  await page.getByLabel('Size at most').fill('10 MB')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByRole('heading', { name: 'Every person' })).toBeVisible()
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('row', { name: /8\.[89] MB/ })).toBeVisible({ timeout: 1_000 })
  }).toPass({ timeout: 60_000 })
  await picture(page, 'quotas')

  await openLocation(page, /Home/)
  await expect(page.getByText(/Your own places: 8\.[89] MB of 10 MB/)).toBeVisible({ timeout: 30_000 })
  await picture(page, 'quota-bar')

  await page.goto(`/usage/${home}`)
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('row', { name: /Port calls/ })).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await picture(page, 'usage-by-folder')
})
