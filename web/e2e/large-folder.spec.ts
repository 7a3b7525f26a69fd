/** A folder of very many entries: the first rows at once, all of them in the end, and the page stays small. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { expect, openLocation, setUp, test } from './support/test'

const run = promisify(execFile)

/** Some pages of them; `WELLHOUSE_E2E_ENTRIES=100000` tries as many as people have. */
const COUNT = Number(process.env['WELLHOUSE_E2E_ENTRIES'] ?? 3_000)

/** Puts empty objects through the S3 endpoint with many connections at once, as the person themselves. */
const FILL = `
import sys, os, concurrent.futures, boto3, botocore.config
endpoint, bucket, prefix, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def fill(part):
    c = botocore.config.Config(request_checksum_calculation='when_required', s3={'addressing_style': 'path'})
    s3 = boto3.client('s3', endpoint_url=endpoint, region_name='us-east-1', config=c)
    for n in range(part, count, 8):
        s3.put_object(Bucket=bucket, Key=f'{prefix}many/reading {n:06d}.csv', Body=b'x' * (n % 97))
with concurrent.futures.ProcessPoolExecutor(8) as pool:
    list(pool.map(fill, range(8)))
`

interface Heap {
  metrics: { name: string; value: number }[]
}

async function heapMib(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics }: Heap = await session.send('Performance.getMetrics')
  await session.detach()
  return (metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Infinity) / 2 ** 20
}

/** Milliseconds from the double click until the page has drawn a row, as the page itself sees it. */
function firstRowAfterOpening(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        addEventListener('dblclick', () => {
          const from = performance.now()
          const look = (): void => {
            if ([...document.querySelectorAll('.grid-body .name')].some((name) => name.textContent?.startsWith('reading '))) done(performance.now() - from)
            else requestAnimationFrame(look)
          }
          requestAnimationFrame(look)
        })
      }),
  )
}

const nodes = (page: Page): Promise<number> => page.evaluate(() => document.querySelectorAll('*').length)

test('very many entries stream in, scroll, order and filter', async ({ house, visitor }) => {
  test.setTimeout(40 * 60_000)
  const page = await visitor()
  await setUp(page, house)
  const post = { headers: { 'sec-fetch-site': 'same-origin' } }
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  const home = locations.find((location: { title: string }) => location.title === 'Home')
  const keys = await (await page.request.post('/api/v1/credentials', { ...post, data: { location: home.id } })).json()
  const script = join(house.folder, 'fill.py')
  await writeFile(script, FILL)
  const python = (process.env['WELLHOUSE_TEST_AWS'] ?? '').replace(/aws$/, 'python')
  const env = { PATH: '/usr/bin:/bin', AWS_ACCESS_KEY_ID: keys.access_key_id, AWS_SECRET_ACCESS_KEY: keys.secret_access_key, AWS_SESSION_TOKEN: keys.session_token }
  await run(python, [script, house.s3, keys.bucket, keys.prefix, String(COUNT)], { env })

  await openLocation(page, /Home/)
  const opened = Date.now()
  const firstRow = firstRowAfterOpening(page)
  await page.getByRole('row', { name: /many/ }).dblclick()
  const first = page.getByRole('row', { name: /reading 000000/ })
  await expect(first).toBeVisible()
  const firstRows = Math.round(await firstRow)
  await expect(page.getByTestId('count')).toHaveText(/loaded, more to come|items/)
  const total = `${COUNT.toLocaleString('en')} items`
  await expect(page.getByTestId('count')).toHaveText(total, { timeout: 10 * 60_000 })
  const all = Date.now() - opened
  const sizes = { heap: await heapMib(page), nodes: await nodes(page) }

  const grid = page.getByRole('grid')
  await grid.focus()
  await page.keyboard.press('End')
  const last = `reading ${String(COUNT - 1).padStart(6, '0')}`
  await expect(page.getByRole('row', { name: last })).toBeVisible()
  await page.keyboard.press('Home')
  const frames = await grid.evaluate(async (element) => {
    const gaps: number[] = []
    let before = performance.now()
    for (let step = 1; step <= 60; step += 1) {
      element.scrollTo({ top: step * 1_200 })
      await new Promise((next) => requestAnimationFrame(next))
      const now = performance.now()
      gaps.push(now - before)
      before = now
    }
    return gaps.sort((a, b) => a - b)
  })
  sizes.nodes = Math.max(sizes.nodes, await nodes(page))

  await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
  await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click()
  await grid.evaluate((element) => element.scrollTo({ top: 0 }))
  await expect(page.locator('.grid-body .row').first()).toContainText('96 B')
  await page.getByRole('searchbox', { name: 'Filter this folder' }).fill(last)
  await expect(page.getByText(`1 of ${total}`)).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter this folder' }).fill('')
  await grid.focus()
  await page.keyboard.press('Control+a')
  await expect(page.locator('.status').getByRole('status')).toHaveText(new RegExp(`^${COUNT.toLocaleString('en')} selected`))
  sizes.heap = Math.max(sizes.heap, await heapMib(page))

  const measured = { entries: COUNT, firstRowsMs: firstRows, allMs: all, heapMib: Math.round(sizes.heap), nodes: sizes.nodes, frameMsP50: Math.round(frames[30] ?? 0), frameMsMax: Math.round(frames.at(-1) ?? 0) }
  test.info().annotations.push({ type: 'measured', description: JSON.stringify(measured) })
  process.stdout.write(`${JSON.stringify(measured)}\n`)
  expect(sizes.heap).toBeLessThanOrEqual(80)
  expect(sizes.nodes).toBeLessThanOrEqual(1_000)
})

test('a list that breaks off says so, and the rest comes when it is asked for', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house)
  const may = (await (await page.request.get('/api/v1/locations')).json()).locations[0].may
  let broken = true
  await page.route('**/entries?*', (route) => {
    const cursor = new URL(route.request().url()).searchParams.get('cursor')
    if (cursor !== null && broken) return route.fulfill({ status: 503, contentType: 'application/problem+json', json: { code: 'store-unavailable', detail: 'the store does not answer' } })
    const from = cursor === null ? 0 : 3
    const entries = [0, 1, 2].map((n) => ({ kind: 'file', name: `part ${from + n}.txt`, size: 1, modified: '2026-11-26T12:00:00Z', etag: 'e' }))
    return route.fulfill({ json: { path: '', entries, next: cursor === null ? 'x' : null, may } })
  })
  await openLocation(page, /Home/)
  await expect(page.getByRole('alert')).toContainText('Only the first 3 items could be loaded. The list is not complete.', { timeout: 30_000 })
  await expect(page.getByRole('row', { name: /part 2/ })).toBeVisible()
  await expect(page.getByTestId('count')).toHaveText('3 loaded. The list is not complete.')
  broken = false
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByTestId('count')).toHaveText('6 items')
  await expect(page.getByRole('alert')).toHaveCount(0)
})
