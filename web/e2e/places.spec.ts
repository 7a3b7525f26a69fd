/** Favourites and where somebody was: kept at the server for the person, and only of what is theirs to reach. */
import type { Page } from '@playwright/test'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

const headers = { 'sec-fetch-site': 'same-origin' }
const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(`text of ${name}`) })
const lately = (page: Page) => page.getByRole('region', { name: 'Where you were lately' })
const marked = (page: Page) => page.getByRole('region', { name: 'Favourites' })

async function makeFolder(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('textbox', { name: 'Folder name' }).fill(name)
  await page.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(page.getByRole('row', { name: new RegExp(name) })).toBeVisible()
}

test('what is marked in one browser is marked in another, and where somebody was is theirs to forget', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [text('plan.txt'), text('note.txt')])
  await makeFolder(page, 'letters')

  // By the menu of a row, by the key, and by the star beside the path.
  await page.getByRole('row', { name: /plan/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Add to favourites' }).click()
  await page.getByRole('row', { name: /note/ }).click()
  await page.keyboard.press('*')
  await expect(page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name: 'Remove from favourites' })).toBeVisible()
  await page.getByRole('row', { name: /letters/ }).dblclick()
  const told = page.waitForResponse((answer) => answer.url().endsWith('/places/recent') && answer.request().method() === 'POST')
  await page.getByRole('button', { name: 'Add to favourites' }).click()
  expect((await told).status()).toBe(204)

  const other = await visitor()
  await signIn(other, 'ada')
  await expect(marked(other).getByRole('link')).toHaveText([/^letters/, /^note\.txt/, /^plan\.txt/])
  await expect(lately(other).getByRole('link', { name: /^letters/ })).toBeVisible()
  await other.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Favourites' }).click()
  await expect(other.getByRole('heading', { name: 'Favourites', level: 1 })).toBeVisible()
  await other.getByRole('main').getByRole('link', { name: /plan/ }).click()
  await expect(other.getByRole('row', { name: /plan/ })).toHaveAttribute('aria-selected', 'true')
  expect(await other.evaluate(() => JSON.stringify({ ...localStorage }))).not.toMatch(/plan|letters/)

  // What is gone says so, and can be taken out.
  const home = await locationAt(page, /^home\//)
  await page.request.post(`/api/v1/locations/${home}/delete`, { headers, data: { paths: ['plan.txt', 'letters/'] } })
  await other.goto('/favourites')
  await other.getByRole('main').getByRole('link', { name: /plan/ }).click()
  await expect(other.getByText('“plan.txt” is not here, or not any more.')).toBeVisible()
  await other.goto('/favourites')
  await other.getByRole('main').getByRole('link', { name: /letters/ }).click()
  await expect(other.getByText('There is nothing here, or not any more')).toBeVisible()
  await other.getByRole('button', { name: 'Remove from favourites' }).click()
  await other.goto('/favourites')
  await other.getByRole('button', { name: 'Remove plan.txt from favourites' }).click()
  await expect(other.getByRole('main').getByRole('listitem')).toHaveText([/^note\.txt/])

  await other.goto('/recent')
  await expect(other.getByRole('main').getByRole('link', { name: /letters/ })).toBeVisible()
  await other.getByRole('button', { name: 'Forget letters' }).click()
  await expect(other.getByRole('main').getByRole('link', { name: /letters/ })).toHaveCount(0)
  await other.getByText('Keep where I was').click()
  await expect(other.getByText('It is not kept where you were.')).toBeVisible()
  await openLocation(other, /Home/)
  await makeFolder(other, 'secret')
  await other.getByRole('row', { name: /secret/ }).dblclick()
  await expect(other.getByRole('heading', { name: 'secret' })).toBeVisible()
  await other.goto('/recent')
  await expect(other.getByRole('heading', { name: 'Nowhere lately' })).toBeVisible()
})

test('a place in a location that somebody has no more is neither shown nor counted, and on a phone marks are made too', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const bob = await visitor()
  await register(bob, 'bob')
  await approve(admin, 'bob')
  await bob.setViewportSize({ width: 390, height: 800 })
  await signIn(bob, 'bob')
  const { people } = await (await admin.request.get('/api/v1/people')).json()
  const { uid } = people.find((person: { name: string }) => person.name === 'bob')
  const grant = { role: 'S3AccessRole', prefix: 'team/', title: 'Team' }
  const given = await admin.request.post(`/api/v1/people/${uid}/grants`, { headers, data: grant })
  expect(given.status(), await given.text()).toBe(201)
  const team = await locationAt(bob, /^team\//)
  await bob.request.post(`/api/v1/locations/${team}/folders`, { headers, data: { path: 'plans/' } })
  await bob.goto(`/files/${team}/`)
  await bob.getByRole('row', { name: /plans/ }).dblclick()
  const saved = bob.waitForResponse((answer) => answer.url().endsWith('/places/favourites'))
  await bob.getByRole('button', { name: 'Add to favourites' }).click()
  expect((await saved).status()).toBe(204)
  await bob.goto('/favourites')
  await expect(bob.getByRole('main').getByRole('link', { name: /plans/ })).toBeVisible()
  await expect.poll(async () => (await (await bob.request.get('/api/v1/places')).json()).recent.length).toBe(1)

  const taken = await admin.request.delete(`/api/v1/grants/${team}`, { headers })
  expect(taken.status()).toBeLessThan(300)
  const left = await (await bob.request.get('/api/v1/places')).json()
  expect([left.favourites, left.recent]).toEqual([[], []])
  await bob.reload()
  await expect(bob.getByRole('heading', { name: 'Nothing is marked' })).toBeVisible()
  const refused = await bob.request.post('/api/v1/places/favourites', { headers, data: { location: team, path: 'plans/' } })
  expect((await refused.json()).code).toBe('no-such-location')
})
