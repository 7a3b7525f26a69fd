/** What protects a person at the page itself: masked passwords that managers fill, a page that forgets, objects that nobody poisons. */
import type { Locator, Page } from '@playwright/test'
import { PASSWORD } from './support/house'
import { expect, setUp, test } from './support/test'

const OF_THE_API = '**/api/v1/**'

test('passwords are masked until they are shown, pasted, and filled by managers', async ({ house, visitor }) => {
  test.setTimeout(3 * 60_000)
  const admin = await visitor()
  const page = await visitor()

  await test.step('where the house is set up', async () => {
    await admin.goto(house.setupLink)
    await isMasked(admin.getByLabel('Password', { exact: true }), 'new-password')
  })
  await setUp(admin, house, { twoStep: false })

  await test.step('where one registers', async () => {
    await page.goto('/register')
    const password = page.getByLabel('Password', { exact: true })
    await isMasked(password, 'new-password')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const name = page.getByRole('textbox', { name: 'Name', exact: true })
    await expect(name).toHaveAttribute('autocomplete', 'username')
    await name.fill(PASSWORD)
    await name.press('ControlOrMeta+a')
    await name.press('ControlOrMeta+c')
    await password.fill('')
    await password.press('ControlOrMeta+v')
    await expect(password).toHaveValue(PASSWORD)
  })

  await test.step('where one signs in, by a manager', async () => {
    await page.goto('/sign-in')
    await isMasked(page.getByLabel('Password', { exact: true }), 'current-password')
    await fillAsManagersDo(page, 'input[autocomplete="username"]', 'ada')
    await fillAsManagersDo(page, 'input[type="password"][autocomplete="current-password"]', PASSWORD)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  })

  await test.step('where one changes it', async () => {
    await page.goto('/account')
    await isMasked(page.getByLabel('Current password', { exact: true }), 'current-password')
    await isMasked(page.getByLabel('New password', { exact: true }), 'new-password')
  })
})

test('a page forgets what it showed when somebody signs out, and when the server is away then', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  await page.route(OF_THE_API, (route) => route.abort())
  await page.getByRole('button', { name: /ada/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await expect(page.getByText(/your session still stands/)).toBeVisible()
  await expect(page.getByText('ada')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Your locations' })).toHaveCount(0)
  await page.unroute(OF_THE_API)
  await page.goto('/account')
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await page.goto('/account')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
})

test('no address and no answer of a server poisons the prototype of objects', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const poison = '"__proto__":{"poisoned":1},"constructor":{"prototype":{"poisoned":1}}'
  await page.route(OF_THE_API, async (route) => {
    const answer = await route.fetch()
    const text = await answer.text()
    await route.fulfill({ response: answer, body: text.replaceAll('{', `{${poison},`).replaceAll(',}', '}') })
  })
  for (const path of ['/', '/account', '/people', '/keys', '/files/__proto__/constructor/']) {
    await page.goto(`${path}?__proto__=%7B%22poisoned%22%3A1%7D&__proto__[poisoned]=1&constructor[prototype][poisoned]=1`)
    await page.waitForLoadState('networkidle')
    const found = await page.evaluate(() => [Reflect.get({}, 'poisoned'), Reflect.get([], 'poisoned'), Reflect.get(() => 0, 'poisoned')])
    expect(found, path).toEqual([undefined, undefined, undefined])
  }
})

/** Masked, shown and masked again by its button, and named to managers. */
async function isMasked(field: Locator, token: string): Promise<void> {
  await field.waitFor()
  await expect(field).toHaveAttribute('type', 'password')
  await expect(field).toHaveAttribute('autocomplete', token)
  await field.fill('visible for a moment')
  const around = field.locator('xpath=..')
  await around.getByRole('button', { name: 'Show password' }).click()
  await expect(field).toHaveAttribute('type', 'text')
  await expect(field).toHaveValue('visible for a moment')
  await around.getByRole('button', { name: 'Hide password' }).click()
  await expect(field).toHaveAttribute('type', 'password')
}

/** A manager finds a field by what the page says of it, sets its value and tells the page so; it presses no keys. */
async function fillAsManagersDo(page: Page, selector: string, value: string): Promise<void> {
  await page.locator(selector).evaluate((input, text) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
    set?.call(input, text)
    for (const kind of ['input', 'change']) input.dispatchEvent(new Event(kind, { bubbles: true }))
  }, value)
}
