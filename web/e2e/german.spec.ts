/** The interface in German: by the browser's language, and by choice. */
import { expect, openLocation, setUp, test } from './support/test'

test('a German browser is spoken to in German, and the choice of a language stays', async ({ house, visitor, browser }) => {
  const admin = await visitor()
  await setUp(admin, house, { twoStep: false })
  const storageState = await admin.context().storageState()
  const context = await browser.newContext({ baseURL: house.portal, storageState, locale: 'de-DE' })
  const page = await context.newPage()
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Ihre Speicherorte' })).toBeVisible()
  await expect(page).toHaveTitle('Ihre Speicherorte – Wellhouse')
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await page.getByRole('link', { name: 'Home öffnen' }).click()
  await page.getByTestId('pick-files').setInputFiles({ name: 'brief.txt', mimeType: 'text/plain', buffer: Buffer.alloc(1_500, 'x') })
  await expect(page.getByText('1 von 1 fertig')).toBeVisible({ timeout: 60_000 })
  await expect(page.getByRole('row', { name: /brief\.txt .*1,5 KB/ })).toBeVisible()
  await page.getByRole('row', { name: /brief/ }).click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: 'Löschen' })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: /Kontomenü von ada/ }).click()
  await page.getByRole('menuitem', { name: 'English' }).click()
  await expect(page.getByRole('button', { name: 'Upload', exact: true })).toBeVisible()
  await expect(page.getByText('1 of 1 done')).toBeVisible()
  await expect(page.locator('html')).toHaveAttribute('lang', 'en')
  await page.reload()
  await expect(page.getByRole('row', { name: /brief\.txt .*1\.5 KB/ })).toBeVisible()
  await context.close()

  await openLocation(admin, /Home/)
  await admin.getByRole('button', { name: /account menu of ada/ }).click()
  await admin.getByRole('menuitem', { name: 'Deutsch' }).click()
  await expect(admin.getByRole('button', { name: 'Hochladen', exact: true })).toBeVisible()
  for (const path of ['/account', '/keys', '/tokens', '/search?q=brief', '/']) {
    await admin.goto(path)
    await expect(admin.getByRole('heading', { level: 1 })).toBeVisible()
    await admin.setViewportSize({ width: 320, height: 700 })
    const overflow = await admin.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow, `${path} in German scrolls sideways at 320 px`).toBeLessThanOrEqual(0)
  }
})
