/** Uploading, and fetching back, as a person does in a folder. */
import type { Page } from '@playwright/test'
import type { Made } from './media'
import { expect } from './test'

/** Uploads to an empty folder through the menu, and waits until all of it is there. */
export async function uploadAll(page: Page, files: Made[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Upload files' }).click()
  await (await chooser).setFiles(files)
  await expect(page.getByText(`${files.length} of ${files.length} done`)).toBeVisible({ timeout: 180_000 })
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await expect(page.getByTestId('count')).toHaveText(new RegExp(`^${files.length} items?$`), { timeout: 30_000 })
}

/** The id of the location at a prefix. */
export async function locationAt(page: Page, prefix: RegExp): Promise<string> {
  const { locations } = await (await page.request.get('/api/v1/locations')).json()
  return locations.find((location: { prefix: string }) => prefix.test(location.prefix)).id
}

/** A link to a file, to be shown or saved. */
export async function linkTo(page: Page, location: string, path: string, inline: boolean): Promise<string> {
  const headers = { 'sec-fetch-site': 'same-origin' }
  const answer = await page.request.post(`/api/v1/locations/${location}/downloads`, { data: { path, inline }, headers })
  expect(answer.status(), path).toBe(200)
  return (await answer.json()).url
}

/** The bytes of a file as they are at the store. */
export async function bytesOf(page: Page, location: string, path: string): Promise<Buffer> {
  return (await page.request.get(await linkTo(page, location, path, false))).body()
}
