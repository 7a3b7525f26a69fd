/** axe on every page, light and dark, wide and narrow. */
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { PASSWORD } from './support/house'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Runs axe in the page; the page's own policy forbids foreign scripts, so it is set aside for this. */
async function violations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  const contextId = world.executionContextId
  await session.send('Runtime.evaluate', { contextId, expression: await axeSource })
  const expression = `axe.run(document).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))`
  const { result } = await session.send('Runtime.evaluate', { contextId, expression, awaitPromise: true, returnByValue: true })
  await session.detach()
  return result.value
}

async function check(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1360, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 860 })
      expect(await violations(page), `${what}, ${colorScheme}, ${width} px`).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      expect(overflow, `${what} scrolls sideways at ${width} px`).toBeLessThanOrEqual(0)
    }
  }
  await page.setViewportSize({ width: 1360, height: 860 })
}

test('axe finds nothing on any page', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await admin.goto(house.setupLink)
  await expect(admin.getByRole('button', { name: 'Set up and sign in' })).toBeVisible()
  await check(admin, 'set-up')
  // The link's token is taken from the address by the page, so it is opened anew.
  await admin.goto('about:blank')
  await setUp(admin, house)
  await check(admin, 'locations')
  const page = await visitor()
  await page.goto('/register')
  await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible()
  await check(page, 'register')
  await register(page, 'bob')
  await check(page, 'waiting for approval')
  await page.goto('/sign-in')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await check(page, 'sign in')
  await admin.goto('/people')
  await expect(admin.getByRole('button', { name: 'Approve bob' })).toBeVisible()
  await check(admin, 'people')
  await approve(admin, 'bob')
  for (const [path, heading] of [['/groups', 'Groups'], ['/grants', 'Grants'], ['/invitations', 'Invitations'], ['/settings', 'Settings'], ['/roles', 'Roles'], ['/audit', 'Audit log'], ['/account', 'Account']]) {
    await admin.goto(path ?? '')
    await expect(admin.getByRole('heading', { name: heading ?? '', level: 1 })).toBeVisible()
    await check(admin, path ?? '')
  }
  await admin.goto('/groups')
  await admin.getByRole('textbox', { name: 'Name of the group' }).fill('Harbour')
  await admin.getByRole('button', { name: 'Make group' }).click()
  await expect(admin.getByRole('region', { name: 'Harbour' })).toBeVisible()
  await check(admin, 'a group')
  await admin.goto('/people')
  await admin.getByRole('button', { name: 'Actions for bob' }).click()
  await admin.getByRole('menuitem', { name: 'Grants' }).click()
  await expect(admin.getByRole('table', { name: 'What this person can reach' })).toBeVisible()
  await check(admin, 'what a person can reach')
  await admin.goto('/invitations')
  await admin.getByRole('button', { name: 'Make an invitation' }).click()
  const made = admin.getByRole('alertdialog', { name: 'The invitation is made' })
  const link = (await made.getByRole('region', { name: 'Link' }).textContent())?.trim() ?? ''
  await check(admin, 'the link of an invitation')
  await made.getByRole('button', { name: 'I have kept the link' }).click()
  await check(admin, 'an invitation')
  const guest = await visitor()
  await guest.goto(link)
  await expect(guest.getByRole('button', { name: 'Create an account' })).toBeVisible()
  await check(guest, 'being invited')
  await guest.goto('/new-password#token=none')
  await expect(guest.getByRole('button', { name: 'Set the password' })).toBeVisible()
  await check(guest, 'a new password')
  await signIn(page, 'bob')
  await page.goto('/keys')
  await expect(page.getByRole('button', { name: 'Make an access key' })).toBeVisible()
  await check(page, 'access keys')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Backup')
  await page.getByLabel('Your password', { exact: true }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Make an access key' }).click()
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await page.getByText('Ready for s3fs').click()
  await check(page, 'a new access key')
  await page.getByRole('button', { name: 'I have kept the secret' }).click()
  await check(page, 'access keys, one of them')
  await page.goto('/tokens')
  await expect(page.getByRole('button', { name: 'Make an API token' })).toBeVisible()
  await page.getByRole('button', { name: 'Make an API token' }).click()
  await check(page, 'API tokens, with what is missing')
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Reports')
  await page.getByRole('checkbox', { name: 'Home' }).click({ force: true })
  await page.getByRole('button', { name: 'Make an API token' }).click()
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await page.getByText('For the wellhouse command').click()
  await check(page, 'a new API token')
  await page.getByRole('button', { name: 'I have kept the token' }).click()
  await check(page, 'API tokens, one of them')
  await admin.goto('/people')
  await admin.getByRole('button', { name: 'Actions for bob' }).click()
  await admin.getByRole('menuitem', { name: 'Sessions', exact: true }).click()
  await expect(admin.getByRole('dialog', { name: 'Sessions of bob' })).toBeVisible()
  await check(admin, 'the sessions of a person')
  await openLocation(page, /Shared/)
  await check(page, 'an empty folder, read only')
  await openLocation(page, /Home/)
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: 'Upload files' }).click()
  await (await chooser).setFiles([{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('note') }])
  await expect(page.getByRole('row', { name: /note\.txt/ })).toBeVisible()
  await page.getByRole('row', { name: /note\.txt/ }).click()
  await check(page, 'a folder with a selected file and the tray')
  await page.getByRole('button', { name: 'Delete', exact: true }).first().click()
  await expect(page.getByRole('alertdialog').or(page.getByRole('dialog'))).toBeVisible()
  await check(page, 'the delete dialog')
})
