/** Passkeys, by Chromium's virtual authenticator: made, the only step, the second step, a proof, removed. */
import type { CDPSession, Page } from '@playwright/test'
import { enterPassword, expect, setUp, test } from './support/test'

interface Authenticator {
  cdp: CDPSession
  id: string
}

/** A phone or a computer that knows its person by finger or face. */
async function plugIn(page: Page): Promise<Authenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options })
  return { cdp, id: authenticatorId }
}

async function verifies({ cdp, id }: Authenticator, isUserVerified: boolean): Promise<void> {
  await cdp.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified })
}

async function signOut(page: Page): Promise<void> {
  await page.goto('/account')
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

async function addPasskey(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  await page.getByRole('button', { name: 'Go on' }).click()
}

test('a passkey signs in alone, is the second step, proves once more, and is removed', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await page.goto('/people')
  await expect(page.getByRole('heading', { name: 'Set up two-step sign-in first' })).toBeVisible()
  const device = await plugIn(page)
  await page.goto('/account')
  await expect(page.getByText('You have none yet.')).toBeVisible()

  await verifies(device, false)
  await addPasskey(page, '📱 My phone')
  await expect(page.getByText('Your browser’s dialog was closed, or it took too long.')).toBeVisible()
  await verifies(device, true)
  await page.getByRole('button', { name: 'Go on' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Recovery codes' })).toBeVisible()
  const codes = (await page.locator('.copytext pre').innerText()).trim().split('\n')
  expect(codes).toHaveLength(10)
  await page.getByRole('button', { name: 'I have kept the codes' }).click()
  const line = page.getByRole('listitem').filter({ hasText: '📱 My phone' })
  await expect(line).toContainText('not used yet')
  await page.goto('/people')
  await expect(page.getByRole('heading', { name: 'People' })).toBeVisible()

  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  await page.goto('/account')
  await expect(line).toContainText('last used')

  await signOut(page)
  await enterPassword(page, 'ada')
  await expect(page.getByText('The second step is your passkey')).toBeVisible()
  expect((await page.request.get('/api/v1/session')).status(), 'nothing is open yet').toBe(401)
  await page.getByRole('button', { name: 'Use your passkey' }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  await signOut(page)
  await enterPassword(page, 'ada')
  await page.getByRole('textbox', { name: 'Recovery code' }).fill(codes[0] ?? '')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  await signOut(page)
  await verifies(device, false)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByText('Your browser’s dialog was closed, or it took too long.')).toBeVisible()
  await verifies(device, true)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  await page.goto('/account')
  await page.getByRole('button', { name: 'Rename 📱 My phone' }).click()
  await page.getByRole('textbox', { name: 'Name' }).fill('Old phone')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('button', { name: 'Remove Old phone' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('You have none yet.')).toBeVisible()
  await signOut(page)
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
  await expect(page.getByText('This passkey was not taken.')).toBeVisible()
})
