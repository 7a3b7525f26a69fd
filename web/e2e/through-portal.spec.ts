/** A browser that cannot reach the store: its files go through the portal, which holds little of them at a time. */
import { readFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { largeFile } from './support/files'
import type { House } from './support/house'
import { expect, openLocation, setUp, test } from './support/test'
import { bytesOf, locationAt } from './support/uploading'

const MIB = 96
/** Of a file of 96 MiB in parts of 8, four at once: less than one of each would be 32. */
const MORE_MIB_MAX = 24

async function memoryMib(house: House): Promise<number> {
  const status = await readFile(`/proc/${house.pid()}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}

/** The most memory that the server has while a file is uploaded. */
async function uploaded(page: Page, house: House, name: string): Promise<number> {
  let most = 0
  const path = join(house.folder, name)
  await page.getByTestId('pick-files').setInputFiles(path)
  const row = page.getByRole('region', { name: 'List of uploads' }).getByRole('listitem').filter({ hasText: name })
  await expect
    .poll(
      async () => {
        most = Math.max(most, await memoryMib(house))
        return await row.textContent()
      },
      { timeout: 240_000, intervals: [50] },
    )
    .toContain('verified')
  return most
}

test('where the store cannot be reached files go through the portal, and it says so and stays small', async ({ house, visitor }) => {
  test.setTimeout(600_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const sums = { straight: await largeFile(join(house.folder, 'straight.bin'), MIB), round: await largeFile(join(house.folder, 'round.bin'), MIB) }
  const straight = await uploaded(page, house, 'straight.bin')
  await expect(page.getByText('This browser cannot reach the store')).toHaveCount(0)

  // Known to be within reach since: a new page finds out anew.
  await page.reload()
  await expect(page.getByRole('row', { name: /straight\.bin/ })).toBeVisible({ timeout: 30_000 })
  await page.route(`${house.s3}/**`, (route) => route.abort('connectionrefused'))
  const passed: string[] = []
  page.on('request', (request) => request.method() === 'PUT' && passed.push(new URL(request.url()).origin))
  const round = await uploaded(page, house, 'round.bin')
  await expect(page.getByRole('status').filter({ hasText: 'This browser cannot reach the store, so files go through the portal.' })).toBeVisible()
  expect(passed.filter((origin) => origin === house.portal)).toHaveLength(MIB / 8)
  process.stdout.write(`${Math.round(straight)} MiB while it goes straight, ${Math.round(round)} MiB through the portal\n`)
  expect(round - straight).toBeLessThan(MORE_MIB_MAX)

  const home = await locationAt(page, /^home\//)
  for (const [name, sum] of Object.entries(sums)) {
    const stored = createHash('sha256').update(await bytesOf(page, home, `${name}.bin`)).digest('hex')
    expect(stored).toBe(sum)
  }
})
