/** Single sign-on against a real provider: a newcomer, groups, the second step, linking, and failed returns. */
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { startHouse, type House } from './support/house'
import { onTheMachine } from './support/machine'
import { signInThere, startProvider, type Provider } from './support/provider'
import { approve, expect as within, register, setUp, setUpTwoStep, signIn, test as base } from './support/test'

const test = base.extend<{ provider: Provider; both: { house: House; provider: Provider } }>({
  both: [
    // Playwright reads the fixture's dependencies from this destructuring.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      let provider: Provider | undefined
      const house = await startHouse({}, async (folder, portal) => {
        provider = await startProvider(folder, portal)
        const secret = join(folder, 'client.secret')
        await writeFile(secret, 'a secret of the tests\n')
        await chmod(secret, 0o600)
        const toml = `[[people.providers]]
          id = "local"
          name = "Local ID"
          issuer = "${provider.issuer}"
          client_id = "wellhouse"
          client_secret_file = "${secret}"
          scopes = ["profile", "email", "groups"]
          groups_claim = "groups"
          groups = { fin = "Finance" }`
        return { toml, others: [provider.issuer] }
      })
      if (provider === undefined) throw new Error('the provider was not started')
      await use({ house, provider })
      await house.stop()
      provider.stop()
    },
    { timeout: 120_000 },
  ],
  house: async ({ both }, use) => use(both.house),
  provider: async ({ both }, use) => use(both.provider),
})

/** The way leads over two servers, and the first of each asks the other who it is. */
const expect = within.configure({ timeout: 30_000 })

const byProvider = 'Continue with Local ID'

async function signOut(page: Page): Promise<void> {
  await page.goto('/account')
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
}

async function membersOf(admin: Page, group: string): Promise<string> {
  const answer: unknown = await (await admin.request.get('/api/v1/groups')).json()
  const groups = (answer as { groups: { name: string; members: unknown }[] }).groups
  return JSON.stringify(groups.find((one) => one.name === group)?.members ?? 'no such group')
}

async function uidOf(admin: Page, name: string): Promise<string> {
  const answer: unknown = await (await admin.request.get('/api/v1/people')).json()
  return (answer as { people: { name: string; uid: string }[] }).people.find((one) => one.name === name)?.uid ?? ''
}

test('somebody comes in by a provider, with its groups, and links and unlinks', async ({ house, provider, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const made = await admin.request.post('/api/v1/groups', { data: { name: 'Finance' }, headers: { origin: house.portal } })
  expect(made.status()).toBe(201)
  await provider.knows({ grace: { groups: ['fin', 'other'], email: 'grace@example.org', email_verified: true } })

  // A newcomer waits, as the form would make them wait.
  const page = await visitor()
  await page.goto('/sign-in?next=/account')
  await page.getByRole('button', { name: byProvider }).click()
  await signInThere(page, 'grace')
  await expect(page.getByRole('heading', { name: 'You were not signed in' })).toBeVisible()
  await expect(page.getByText('Your account waits for an administrator’s approval.')).toBeVisible()
  expect(new URL(page.url()).search, 'the code does not stay in the address').toBe('')
  await approve(admin, 'grace')
  expect(await membersOf(admin, 'Finance')).not.toContain('grace')

  // The provider knows them still, and asks nothing more; they come to where they wanted to go.
  await page.goto('/sign-in?next=/account')
  await page.getByRole('button', { name: byProvider }).click()
  await expect(page.getByText('Signed in as grace')).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/account')
  expect(await membersOf(admin, 'Finance')).toContain('grace')
  const cookies = await page.context().cookies(house.portal)
  expect(cookies.map((cookie) => cookie.name).sort(), 'the session, and that the browser is known').toEqual(['__Host-device', '__Host-sid'])

  // It is their only way to sign in, and stays.
  const linked = page.getByRole('region', { name: 'Linked sign-ins' })
  await expect(linked.getByRole('listitem')).toContainText('Local ID grace')
  await linked.getByRole('button', { name: 'Remove the sign-in by Local ID' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('This is your last way to sign in.')).toBeVisible()

  // The administrator sees it; what the provider says no more is taken away.
  await admin.goto(`/people/${await uidOf(admin, 'grace')}`)
  await expect(admin.getByRole('region', { name: 'Linked sign-ins' })).toContainText('Local ID grace')
  await provider.knows({ grace: {} })
  await signOut(page)
  await expect(page.getByText('Signing out here ends your session here.')).toBeVisible()
  await page.getByRole('button', { name: byProvider }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  expect(await membersOf(admin, 'Finance')).not.toContain('grace')

  // Whoever has the machine sees by what they came, and whether the provider answers as it must.
  const people = await onTheMachine(house, ['user', 'list'])
  expect(people.text).toMatch(/ grace: active, linked to local$/m)
  expect(people.text).toMatch(/ ada: active, administrator, second factor$/m)
  const well = await onTheMachine(house, ['doctor'])
  expect(well.text).toContain(`it answers; its client must know ${house.portal}/sign-in/local`)

  // Their own second step is asked for after the provider.
  const { authenticator } = await setUpTwoStep(page)
  await signOut(page)
  await page.getByRole('button', { name: byProvider }).click()
  await expect(page.getByRole('heading', { name: 'Enter your code' })).toBeVisible()
  expect((await page.request.get('/api/v1/session')).status(), 'nothing is open yet').toBe(401)
  await page.getByRole('textbox', { name: 'Code', exact: true }).fill(await authenticator.next())
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  provider.stop()
  const away = await onTheMachine(house, ['doctor'])
  expect(away.code, away.text).toBe(2)
  expect(away.text).toContain('is people.providers issuer exactly what the provider says?')
})

test('an account with a password links a sign-in and proves by it, and failed returns explain themselves', async ({ house, provider, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  await provider.knows({ kim: {}, stranger: {} })
  const page = await visitor()
  await register(page, 'kim-here')
  await approve(admin, 'kim-here')

  // The page by itself, an answer that nobody asked for, and leaving the provider's page.
  await page.goto('/sign-in/local')
  await expect(page.getByText('There is nothing to do here by itself')).toBeVisible()
  await page.goto(`/sign-in/local?code=x&state=${'0'.repeat(64)}`)
  await expect(page.getByText('This answer of your provider was used already')).toBeVisible()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByText('Your provider did not sign you in')).toBeVisible()

  await signIn(page, 'kim-here')
  await page.goto('/account')
  const linked = page.getByRole('region', { name: 'Linked sign-ins' })
  await expect(linked.getByText('Nothing is linked yet.')).toBeVisible()
  await linked.getByRole('button', { name: 'Link Local ID' }).click()
  await signInThere(page, 'kim')
  await expect(linked.getByRole('listitem')).toContainText('Local ID kim')
  expect(new URL(page.url()).pathname).toBe('/account')

  // The provider asks once more for a proof, and the session goes on under another token.
  const before = (await page.context().cookies(house.portal)).find((cookie) => cookie.name === '__Host-sid')?.value
  const asked = await page.request.post('/api/v1/session/proof/providers/local', { data: { return_to: '/tokens' }, headers: { origin: house.portal } })
  await page.goto(((await asked.json()) as { location: string }).location)
  await signInThere(page, 'kim')
  await expect(page.getByText('Thank you. You can do it now.')).toBeVisible()
  expect(new URL(page.url()).pathname).toBe('/tokens')
  const after = (await page.context().cookies(house.portal)).find((cookie) => cookie.name === '__Host-sid')?.value
  expect(after === before || after === undefined).toBe(false)

  // Signed in by it, whatever the name; unlinked, it is a stranger's.
  await signOut(page)
  await page.getByRole('button', { name: byProvider }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  await page.goto('/account')
  await expect(page.getByText('Signed in as kim-here')).toBeVisible()
  await linked.getByRole('button', { name: 'Remove the sign-in by Local ID' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('The sign-in by Local ID was removed.')).toBeVisible()
  await expect(linked.getByText('Nothing is linked yet.')).toBeVisible()
})
