/** Very many small files in one drop, beside the AWS CLI with the same folder, the same server and the same person. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Page } from '@playwright/test'
import { countOf } from './support/listing'
import { expect, openLocation, setUp, test } from './support/test'
import { startUnwatched } from './support/unwatched'

const run = promisify(execFile)

/** `cargo xtask small-files --count 10000` takes as many as people have. */
const COUNT = Number(process.env['WELLHOUSE_E2E_SMALL'] ?? 300)

interface Home {
  id: string
  environment: Record<string, string>
  address: string
}

async function homeOf(page: Page): Promise<Home> {
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  const { id } = locations.find((location: { title: string }) => location.title === 'Home')
  const post = { headers: { 'sec-fetch-site': 'same-origin' }, data: { location: id } }
  const keys = await (await page.request.post('/api/v1/credentials', post)).json()
  const environment = { AWS_ACCESS_KEY_ID: keys.access_key_id, AWS_SECRET_ACCESS_KEY: keys.secret_access_key, AWS_SESSION_TOKEN: keys.session_token }
  return { id, environment, address: `s3://${keys.bucket}/${keys.prefix}` }
}

/** Gives the folder to the page that is open, in a browser that nobody watches, and waits until all is done. */
async function dropped(page: Page, folder: string): Promise<{ byPage: number; begin: number; signed: number }> {
  const browser = await startUnwatched()
  const number = async (expression: string): Promise<number> => Number(await browser.evaluate(expression))
  const asked = (end: string): Promise<number> => number(`performance.getEntriesByType('resource').filter((of) => of.name.endsWith('${end}')).length`)
  const words = `${COUNT.toLocaleString('en')} of ${COUNT.toLocaleString('en')} done`
  try {
    await browser.signInAs(page.context())
    await browser.goto(page.url())
    // Only where it is known what is there is a file sent on its own word.
    await browser.until(`document.querySelector('[data-testid=pick-folder]') !== null && /item/.test(document.querySelector('[data-testid=count]')?.textContent)`, 30_000)
    await browser.evaluate(`performance.setResourceTimingBufferSize(${4 * COUNT + 1_000})`)
    await browser.evaluate(`document.addEventListener('change', () => { window.begun = performance.now() }, { capture: true, once: true })`)
    await browser.choose('[data-testid=pick-folder]', [folder])
    await browser.until(`document.querySelector('.tray header')?.textContent.includes('${words}') === true`, 60_000 + COUNT * 200)
    const seconds = (await number('performance.now() - window.begun')) / 1_000
    return { byPage: COUNT / seconds, begin: await asked('/api/v1/uploads'), signed: await asked('/puts') }
  } finally {
    await browser.close()
  }
}

test('very many small files of one drop arrive, one request each, beside the AWS CLI', async ({ house, visitor }) => {
  test.setTimeout(120_000 + COUNT * 300)
  const page = await visitor()
  await setUp(page, house)
  await openLocation(page, /Home/)
  const folder = join(house.folder, 'small')
  await mkdir(folder)
  for (let n = 0; n < COUNT; n += 1) await writeFile(join(folder, `${n}.txt`), `line ${n}\n`.repeat(1 + (n % 400)))
  const home = await homeOf(page)
  const env = { PATH: '/usr/bin:/bin', HOME: '/nonexistent', AWS_ENDPOINT_URL: house.s3, AWS_DEFAULT_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true', ...home.environment }
  const begunByCli = Date.now()
  await run(process.env['WELLHOUSE_TEST_AWS'] ?? 'aws', ['s3', 'cp', '--recursive', '--only-show-errors', folder, `${home.address}cli/`], { env, maxBuffer: 1 << 24 })
  const byCli = COUNT / ((Date.now() - begunByCli) / 1_000)

  const { byPage, begin, signed } = await dropped(page, folder)
  const measured = { files: COUNT, byPage: Math.round(byPage), byCli: Math.round(byCli), askedToSign: signed }
  test.info().annotations.push({ type: 'measured', description: JSON.stringify(measured) })
  process.stdout.write(`${JSON.stringify(measured)} files a second\n`)
  expect(await countOf(page, home.id, 'small/')).toBe(COUNT)
  expect(begin, 'the unfinished ones are listed once, and no upload is begun').toBe(1)
  expect(signed).toBeLessThan(COUNT / 8)
})
