/** The pictures of keeping and sharing: a folder as it was, a search, links. */
import { mkdir } from 'node:fs/promises'
import { fill, keysFor } from './support/filling'
import { IMAGES, picture } from './support/pictures'
import { expect, openLocation, setUp, test } from './support/test'
import { locationAt } from './support/uploading'

const lines = (text: string): Buffer => Buffer.from(text.repeat(40))

test('a folder as it was, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  const keys = await keysFor(page, home)
  await fill(house.s3, keys, [
    ['Port calls/Berths 2026.csv', lines('one;two\n')],
    ['Port calls/Harbour map.png', lines('png')],
    ['Port calls/Minutes.md', lines('Moor at nine. ')],
    ['Port calls/Archive/old.txt', lines('old')],
  ])
  const at = `${new Date().toISOString().slice(0, 19)}Z`
  await page.waitForTimeout(1_100)
  await fill(house.s3, keys, [
    ['Port calls/Minutes.md', lines('Moor at ten. ')],
    ['Port calls/Draft.docx', lines('draft')],
  ])
  await page.request.post(`/api/v1/locations/${home}/delete`, { headers: { 'sec-fetch-site': 'same-origin' }, data: { paths: ['Port calls/Berths 2026.csv'] } })
  await page.goto(`/past/${home}/Port%20calls?at=${encodeURIComponent(at)}`)
  await expect(page.getByText('Deleted since')).toBeVisible()
  await picture(page, 'past')
  await page.getByRole('button', { name: 'Bring back the whole folder' }).click()
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await picture(page, 'past-restore')
})

test('a search and links, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  await fill(house.s3, await keysFor(page, home), [
    ['Port calls/Berths 2026.csv', lines('one;two\n')],
    ['Port calls/Harbour map.png', lines('png')],
    ['Tides/Tides at the harbour.md', lines('High at six. ')],
    ['Harbour office.docx', lines('office')],
    ['harbour rules.txt', lines('Moor at nine. ')],
  ])
  await page.goto('/search?q=harbour')
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('list', { name: 'What was found' }).getByRole('listitem')).toHaveCount(4, { timeout: 1_000 })
  }).toPass()
  await picture(page, 'search')

  await openLocation(page, /Home/)
  await page.getByRole('row', { name: /Port calls/ }).click()
  await page.getByRole('toolbar').getByRole('button', { name: 'Share…' }).click()
  const dialog = page.getByRole('dialog', { name: /Share “Port calls/ })
  await expect(dialog.getByRole('button', { name: 'Make a link' })).toBeVisible()
  await picture(page, 'share')
  await dialog.getByRole('textbox', { name: /Note/ }).fill('for the auditors')
  await dialog.getByRole('button', { name: 'Make a link' }).click()
  const made = page.getByRole('alertdialog', { name: 'The link' })
  const address = (await made.getByRole('region', { name: 'Address' }).textContent())?.trim() ?? ''
  await picture(page, 'share-link')
  await made.getByRole('button', { name: 'I have copied it' }).click()
  await page.goto('/links')
  await expect(page.getByRole('row', { name: /Port calls/ })).toBeVisible()
  await picture(page, 'links')
  await page.goto('/all-links')
  await expect(page.getByRole('row', { name: /Port calls/ })).toBeVisible()
  await picture(page, 'all-links')
  await page.goto(`/who?key=${encodeURIComponent('home/')}`)
  await expect(page.getByRole('region', { name: 'Shared links' })).toContainText('Port calls/')
  await picture(page, 'who-links', 'Shared links')
  const guest = await visitor()
  await guest.goto(address)
  await expect(guest.getByRole('heading', { name: 'Port calls' })).toBeVisible()
  await picture(guest, 'shared-folder')
})
