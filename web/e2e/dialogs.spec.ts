/** axe over everything that opens above a page or stands in its place, light and dark, wide and narrow. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import type { House } from './support/house'
import { made, pdf, wav, webm } from './support/media'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { uploadAll } from './support/uploading'

const dialog = (page: Page, name: RegExp) => page.getByRole('dialog', { name }).or(page.getByRole('alertdialog', { name }))

/** Opens, checks, and closes by Escape. */
async function checked(page: Page, name: RegExp, what: string): Promise<void> {
  await expect(dialog(page, name)).toBeVisible()
  await check(page, what)
  await page.keyboard.press('Escape')
  await expect(dialog(page, name)).toHaveCount(0)
}

/** Answers the list of a folder in place of the server. */
async function listed(page: Page, answer: (cursor: string | null) => { status: number; json: object }): Promise<void> {
  await page.route('**/entries?*', (route) => {
    const { status, json } = answer(new URL(route.request().url()).searchParams.get('cursor'))
    return route.fulfill({ status, contentType: status === 200 ? 'application/json' : 'application/problem+json', json })
  })
}

const AWAY = { status: 503, json: { code: 'store-unavailable', detail: 'the store does not answer' } }

test('axe finds nothing in what an upload asks, in the preview, and in what stands in place of a list', async ({ house, visitor }) => {
  test.setTimeout(480_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const film = await webm(page)
  await openLocation(page, /Home/)
  await uploadAll(page, [made('film.webm', film), made('paper.pdf', pdf('Hello')), made('tone.wav', wav(2))])

  await test.step('uploads', async () => {
    await page.getByTestId('pick-files').setInputFiles([made('paper.pdf', 'another'), made('tone.wav', 'another')])
    await expect(dialog(page, /already exists/)).toContainText('2 now')
    await check(page, 'the conflict of an upload')
    await dialog(page, /already exists/).getByText('Do this for all conflicts').click()
    await dialog(page, /already exists/).getByRole('button', { name: 'Skip' }).click()
    await page.route(/partNumber=|x-amz-checksum|\/puts$/, (route) => route.abort())
    await page.getByTestId('pick-files').setInputFiles([made('one.txt', 'one'), made('two.txt', 'two')])
    await page.getByRole('button', { name: 'All uploads' }).click()
    await page.getByRole('menuitem', { name: 'Cancel all' }).click()
    await expect(dialog(page, /Cancel 2 uploads/)).toBeVisible()
    await check(page, 'cancelling all uploads')
    await dialog(page, /Cancel 2 uploads/).getByRole('button', { name: 'Cancel all' }).click()
    await expect(page.getByRole('region', { name: 'List of uploads' })).toHaveCount(0)
    await page.unrouteAll()
  })

  await test.step('previews', async () => {
    for (const [name, shown] of [['film.webm', 'video'], ['paper.pdf', 'iframe'], ['tone.wav', 'audio']] as const) {
      await page.getByRole('row', { name }).dblclick()
      await expect(page.getByRole('dialog').locator(shown)).toBeVisible({ timeout: 20_000 })
      await checked(page, new RegExp(name), `the preview of ${name}`)
    }
  })

  await test.step('lists that are not whole', async () => {
    const may = (await (await page.request.get('/api/v1/locations')).json()).locations[0].may
    const entries = [{ kind: 'file', name: 'part 1.txt', size: 1, modified: '2026-11-26T12:00:00Z', etag: 'e', scan: null }]
    await listed(page, (cursor) => (cursor === null ? { status: 200, json: { path: '', entries, next: 'x', may } } : AWAY))
    await openLocation(page, /Home/)
    await expect(page.getByRole('alert')).toContainText('The list is not complete.', { timeout: 30_000 })
    await check(page, 'a list that broke off')
    await page.unrouteAll()
    await listed(page, () => AWAY)
    await page.reload()
    await expect(page.getByText('This folder could not be loaded')).toBeVisible({ timeout: 30_000 })
    await check(page, 'a folder that could not be loaded')
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByTestId('count')).toHaveText('3 items')
  })

  await page.goto('/nowhere/at/all')
  await expect(page.getByText('There is nothing at this address')).toBeVisible()
  await check(page, 'an address of nothing')
})

test('axe finds nothing in what is asked of people and by them', async ({ house, visitor }) => {
  test.setTimeout(480_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Shared/)
  await page.locator('.reason', { hasText: 's3:PutObject' }).getByRole('button', { name: 'Ask for access' }).click()
  await expect(dialog(page, /Ask for access/)).toBeVisible()
  await check(page, 'asking for access')
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await admin.goto('/requests')
  await admin.getByRole('row', { name: /bob/ }).getByRole('button', { name: /^Decline/ }).click()
  await checked(admin, /Decline what bob asked for/, 'declining')

  await openLocation(page, /Home/)
  await page.getByRole('button', { name: 'Own tools' }).click()
  await expect(dialog(page, /Own tools/)).toBeVisible()
  await page.getByRole('button', { name: 'Get temporary credentials' }).click()
  await expect(dialog(page, /Own tools/)).toContainText('AWS_SESSION_TOKEN')
  await checked(page, /Own tools/, 'own tools, issued')
  await stepUp(admin, house)
})

test('on a phone, a message leaves the buttons of a dialog free, and can be pressed itself', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await page.setViewportSize({ width: 390, height: 700 })
  await openLocation(page, /Home/)
  await uploadAll(page, [made('one.txt', 'one')])
  await page.getByRole('row', { name: /one/ }).click()
  await page.keyboard.press('Delete')
  const message = page.getByRole('status').filter({ hasText: '1 file deleted.' })
  await expect(message).toBeVisible()
  await page.setViewportSize({ width: 390, height: 360 })
  await page.getByRole('button', { name: 'New folder' }).click()
  const asked = page.getByRole('dialog', { name: 'New folder' })
  await expect(asked).toBeVisible()
  await check(page, 'a message above a dialog')
  await message.getByRole('button', { name: 'Dismiss' }).click()
  await expect(message).toHaveCount(0)
  await expect(asked).toBeVisible()
  await asked.getByRole('button', { name: 'Cancel' }).click()
  await expect(asked).toHaveCount(0)
})

/** What an administrator is asked once more, when their proof is no longer fresh. */
async function stepUp(admin: Page, house: House): Promise<void> {
  const stale = { status: 403, contentType: 'application/problem+json', json: { code: 'step-up-needed', detail: 'prove who you are' } }
  await admin.route('**/api/v1/credentials', (route) => route.fulfill(stale))
  await admin.goto(house.portal)
  await openLocation(admin, /Home/)
  await admin.getByRole('button', { name: 'Own tools' }).click()
  await admin.getByRole('button', { name: 'Get temporary credentials' }).click()
  await expect(admin.getByRole('alertdialog').getByRole('textbox', { name: 'Code' })).toBeVisible()
  await check(admin, 'being asked for a proof')
}
