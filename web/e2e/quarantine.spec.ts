/** The scan for malware in front of people: what is held back says so and why, and an administrator releases or deletes it. */
import { type Page } from '@playwright/test'
import { EICAR, showsInRow, withClamd, type Scanned } from './support/clamd'
import { approve, expect, openLocation, register, setUp, signIn, test as base } from './support/test'

const test = base.extend<Scanned>(withClamd)

async function upload(page: Page, name: string, text: string): Promise<void> {
  await page.getByTestId('pick-files').setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })
  await expect(page.getByRole('row', { name: new RegExp(name) })).toBeVisible({ timeout: 60_000 })
}

async function bobsHome(visitor: () => Promise<Page>, admin: Page): Promise<Page> {
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  return page
}

test('an infected file is shown as quarantined, is not opened, and is released by an administrator', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await bobsHome(visitor, admin)
  await upload(page, 'bad.txt', EICAR)
  await upload(page, 'good.txt', 'nothing but words')
  await showsInRow(page, 'bad.txt', 'Quarantined')
  await expect(page.getByRole('row', { name: /good\.txt/ })).not.toContainText(/Quarantined|Not scanned/)

  await page.getByRole('row', { name: /bad\.txt/ }).click()
  const details = page.getByRole('complementary', { name: 'Details' })
  await expect(details).toContainText('The scan for malware found something in this file, and it is held back')
  await expect(details).toContainText(/Download\s*Not allowed.*DenyInfectedFiles/)
  const refused = page.waitForResponse((answer) => answer.url().endsWith('/downloads'))
  await page.getByRole('row', { name: /bad\.txt/ }).click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Download' }).click()
  expect((await refused).status()).toBe(403)
  await expect(page.getByText(/it is held back; an administrator can release it/).first()).toBeVisible()
  await page.getByRole('row', { name: /good\.txt/ }).click()
  await expect(details).toContainText('Nothing found')

  await admin.goto('/')
  await expect(admin.getByRole('link', { name: /Quarantine/ })).toContainText('1')
  await admin.getByRole('link', { name: /Quarantine/ }).click()
  const row = admin.getByRole('row', { name: /bad\.txt/ })
  await expect(row).toContainText('Eicar-Of-The-Tests')
  await row.getByRole('button', { name: 'Release bad.txt' }).click()
  await admin.getByRole('dialog', { name: /Release/ }).getByRole('button', { name: 'Release' }).click()
  await expect(admin.getByText('“bad.txt” is released.')).toBeVisible()
  await expect(admin.getByText('Nothing is held back')).toBeVisible({ timeout: 30_000 })
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('row', { name: /bad\.txt/ })).not.toContainText('Quarantined', { timeout: 2_000 })
  }).toPass({ timeout: 60_000 })
  await page.getByRole('row', { name: /bad\.txt/ }).click()
  await expect(details).toContainText('Released by an administrator')
})

test('an administrator deletes what is held back', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await setUp(admin, house)
  await openLocation(admin, /Home/)
  await upload(admin, 'bad.txt', EICAR)
  await showsInRow(admin, 'bad.txt', 'Quarantined')
  await admin.goto('/quarantine')
  await admin.getByRole('button', { name: 'Delete bad.txt' }).click()
  await admin.getByRole('dialog', { name: /for ever/ }).getByRole('button', { name: 'Delete' }).click()
  await expect(admin.getByText('Nothing is held back')).toBeVisible()
  await openLocation(admin, /Home/)
  await expect(admin.getByRole('row', { name: /bad\.txt/ })).toHaveCount(0)
})

test.describe('where only clean files are served', () => {
  test.use({ settings: { WELLHOUSE_SCAN__SERVE: 'only-clean' } })

  test('a file that is being checked says so, and opens when it was', async ({ house, visitor, clamd }) => {
    test.setTimeout(240_000)
    clamd.answers = false
    const admin = await visitor()
    await setUp(admin, house)
    const page = await bobsHome(visitor, admin)
    await upload(page, 'note.txt', 'nothing but words')
    await showsInRow(page, 'note.txt', 'Not scanned yet')
    await page.getByRole('row', { name: /note\.txt/ }).click()
    await expect(page.getByRole('complementary', { name: 'Details' })).toContainText('This file is being checked for malware; try again shortly.')
    const german = await visitor()
    await signIn(german, 'bob')
    await openLocation(german, /Home/)
    await german.getByRole('button', { name: /account menu of bob/ }).click()
    await german.getByRole('menuitem', { name: 'Deutsch' }).click()
    await german.getByRole('row', { name: /note\.txt/ }).click()
    await expect(german.getByText('Diese Datei wird gerade auf Schadsoftware geprüft. Versuchen Sie es gleich noch einmal.')).toBeVisible()
    await expect(german.getByRole('row', { name: /note\.txt/ })).toContainText('Noch nicht geprüft')
  })
})
