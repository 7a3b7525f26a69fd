/** Playwright's `test`, with a house for each test and a watch on every page of it. */
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test'
import { Authenticator } from './authenticator'
import { PASSWORD, reachable, startHouse, type House } from './house'
import { keepSecretsOf } from './kept'

interface Fixtures {
  /** What the house is configured with, as environment variables. */
  settings: Record<string, string>
  house: House
  /** Every page of every context is watched for CSP violations and foreign requests; whoever goes elsewhere on purpose says so. */
  watching: boolean
  watched: void
  /** A page in a context of its own. */
  visitor: () => Promise<Page>
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  watching: [true, { option: true }],
  house: [
    async ({ settings }, use) => {
      const house = await startHouse(settings)
      await use(house)
      await house.stop()
    },
    { timeout: 120_000 },
  ],
  watched: [
    async ({ browser, watching }, use) => {
      const complaints: string[] = []
      const contexts: BrowserContext[] = []
      const begun = (context: BrowserContext): void => {
        contexts.push(context)
        watch(context, complaints)
      }
      if (watching) browser.on('context', begun)
      await use()
      browser.off('context', begun)
      for (const context of contexts) await context.close()
      expect(complaints, 'CSP violations, foreign requests, errors on the page').toEqual([])
    },
    { auto: true },
  ],
  visitor: async ({ browser, house }, use, info) => {
    const contexts: BrowserContext[] = []
    const keeping: (() => Promise<void>)[] = []
    await use(async () => {
      const options = { baseURL: house.portal, acceptDownloads: true, colorScheme: 'light' as const }
      const context = await browser.newContext({ ...options, viewport: info.project.use.viewport ?? { width: 1360, height: 860 } })
      contexts.push(context)
      keeping.push(keepSecretsOf(context))
      return context.newPage()
    })
    for (const keep of keeping) await keep()
    for (const context of contexts) await context.close()
  },
})

export { expect }

/** The browser's own viewer of PDFs is an extension that it comes with. */
const OWN = new Set(['data:', 'chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai', 'chrome://resources'])

/** Whether an address is of a house or of what a house was started beside, by its whole origin. */
function isOurs(address: string): boolean {
  const { protocol, host, origin } = new URL(address)
  const from = { 'data:': 'data:', 'blob:': origin }[protocol] ?? `${protocol}//${host}`
  return OWN.has(from) || reachable.has(from)
}

/** Runs in the page, before anything of the page does. */
function reportViolations(): void {
  addEventListener('securitypolicyviolation', (event) => {
    const report: unknown = Reflect.get(window, 'reportViolation')
    if (typeof report === 'function') report(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
  })
}

function watch(context: BrowserContext, complaints: string[]): void {
  // A context may be closed before these have come to it.
  context.exposeFunction('reportViolation', (text: string) => complaints.push(`CSP: ${text}`)).catch(() => undefined)
  context.addInitScript(reportViolations).catch(() => undefined)
  context.on('request', (request) => {
    if (!isOurs(request.url())) complaints.push(`foreign request: ${request.url()}`)
  })
  context.on('weberror', (error) => complaints.push(`error: ${error.error().message}`))
}

/** Makes the first administrator by the printed link, with the second step that administering takes. */
export async function setUp(page: Page, house: House, { twoStep } = { twoStep: true }): Promise<void> {
  await page.goto(house.setupLink)
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('ada')
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await expect(page.getByRole('radio', { name: 'Everyone, after approval' })).toBeChecked()
  await page.getByRole('button', { name: 'Set up and sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  if (!twoStep) return
  await setUpTwoStep(page)
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
}

/** Turns two-step sign-in on, on the account page. */
export async function setUpTwoStep(page: Page): Promise<{ authenticator: Authenticator; codes: string[] }> {
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set up two-step sign-in' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Set up two-step sign-in' })
  await expect(dialog.getByRole('img', { name: 'QR code for your authenticator' })).toBeVisible()
  await dialog.getByText('Enter the key by hand').click()
  const authenticator = new Authenticator((await dialog.getByRole('region', { name: 'Key' }).textContent())?.trim() ?? '')
  await dialog.getByRole('textbox', { name: 'Code' }).fill(await authenticator.next())
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  const shown = page.getByRole('alertdialog', { name: 'Recovery codes' })
  const codes = (await shown.getByRole('region', { name: 'Recovery codes' }).textContent())?.trim().split('\n') ?? []
  await shown.getByRole('button', { name: 'I have kept the codes' }).click()
  await expect(page.getByRole('button', { name: 'Turn off' })).toBeVisible()
  return { authenticator, codes }
}

/** Registers, and shows that approval is awaited. */
export async function register(page: Page, name: string): Promise<void> {
  await page.goto('/register')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Create an account' }).click()
  await expect(page.getByRole('heading', { name: 'Waiting for approval' })).toBeVisible()
}

/** The administrator approves. */
export async function approve(page: Page, name: string): Promise<void> {
  await page.goto('/people')
  await page.getByRole('button', { name: `Approve ${name}` }).click()
  await expect(page.getByText(`${name} can sign in now.`)).toBeVisible()
}

/** Signs in on the sign-in page, by the password alone. */
export async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await enterPassword(page, name, password)
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
}

/** The first step of signing in. */
export async function enterPassword(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.goto('/sign-in')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Opens a location by its title. */
export async function openLocation(page: Page, title: RegExp): Promise<void> {
  await page.goto('/')
  await page.getByRole('main').getByRole('link', { name: title }).first().click()
  await expect(page.getByRole('grid')).toBeVisible()
}

/** Reloads a page that asks first whether to leave, because uploads are under way. */
export async function reloadAsked(page: Page): Promise<void> {
  const asked = page.waitForEvent('dialog', { timeout: 10_000 })
  const reloaded = page.reload()
  const dialog = await asked
  expect(dialog.type()).toBe('beforeunload')
  await dialog.accept()
  await reloaded
}
