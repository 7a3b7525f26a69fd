/** Two-step sign-in: set up, used by code and by recovery code, a used code refused, turned off, reset. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { approve, enterPassword, expect, register, setUp, setUpTwoStep, signIn, test } from './support/test'

async function signOut(page: Page): Promise<void> {
  await page.goto('/account')
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

test('a second step is set up, used, and no code works twice', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'grace')
  await approve(admin, 'grace')
  await signIn(page, 'grace')
  const { authenticator, codes } = await setUpTwoStep(page)
  expect(codes).toHaveLength(10)
  await expect(page.getByText('10 recovery codes are left.')).toBeVisible()

  await signOut(page)
  await enterPassword(page, 'grace')
  await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible()
  const field = page.getByRole('textbox', { name: 'Code', exact: true })
  await expect(field).toHaveAttribute('autocomplete', 'one-time-code')
  await field.fill(authenticator.again())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByText('That code is not right, or was used already.')).toBeVisible()
  expect((await page.request.get('/api/v1/session')).status(), 'nothing is open yet').toBe(401)
  await field.fill(await authenticator.next())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  for (const [code, works] of [[codes[0], true], [codes[0], false], [codes[1], true]] as const) {
    await signOut(page)
    await enterPassword(page, 'grace')
    await page.getByRole('button', { name: 'Use a recovery code instead' }).click()
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(code ?? '')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    if (works) {
      await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
    } else {
      await expect(page.getByText('That code is not right, or was used already.')).toBeVisible()
      await page.getByRole('textbox', { name: 'Recovery code' }).fill(codes[2] ?? '')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
    }
  }
  await page.goto('/account')
  await expect(page.getByText('7 recovery codes are left.')).toBeVisible()

  await admin.goto('/people')
  await expect(admin.getByRole('row', { name: /grace/ })).toContainText('Two-step')
  await admin.getByRole('button', { name: 'Actions for grace' }).click()
  await admin.getByRole('menuitem', { name: 'Reset two-step sign-in' }).click()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Reset' }).click()
  await expect(admin.getByText('Two-step sign-in of grace is reset; all sessions have ended.')).toBeVisible()
  expect((await page.request.get('/api/v1/session')).status(), 'a reset ends sessions').toBe(401)
  await signIn(page, 'grace')
  await page.goto('/account')
  await expect(page.getByText('It is not set up.')).toBeVisible()
})

test('an administrator is led to the second step before anything else', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house, { twoStep: false })
  await expect(admin.getByText('Administrators need two-step sign-in.')).toBeVisible()
  await admin.goto('/people')
  await expect(admin.getByRole('heading', { name: 'Set up two-step sign-in first' })).toBeVisible()
  await admin.getByRole('link', { name: 'Go to your account' }).click()
  await setUpTwoStep(admin)
  await admin.goto('/people')
  await expect(admin.getByRole('heading', { name: 'People' })).toBeVisible()
})

test.describe('where everybody needs a second step', () => {
  test.use({ settings: { WELLHOUSE_PEOPLE__EVERYBODY_NEEDS_SECOND_FACTOR: 'true' } })

  test('nothing but the account is open without one', async ({ house, visitor }) => {
    const admin = await visitor()
    await setUp(admin, house)
    const page = await visitor()
    await register(page, 'bob')
    await approve(admin, 'bob')
    await signIn(page, 'bob')
    await expect(page.getByText('Everybody here needs two-step sign-in')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Your locations could not be loaded' })).toHaveCount(0)
    await check(page, 'locations before the second step')
    expect((await page.request.get('/api/v1/locations')).status()).toBe(403)
    await page.getByRole('main').getByRole('link', { name: 'Set up two-step sign-in' }).click()
    await setUpTwoStep(page)
    await page.goto('/')
    await expect(page.getByRole('link', { name: 'Open Home' })).toBeVisible()
  })
})
