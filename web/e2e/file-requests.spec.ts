/** A file request: made in the page, sent to by two people without an account, found by whoever asked, and cut off. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

/** Gives a name, and gives the page on which files are sent. */
async function enter(guest: Page, address: string, name: string): Promise<void> {
  await guest.goto(address)
  await expect(guest.getByRole('heading', { name: 'Receipts' })).toBeVisible()
  await guest.getByLabel('Your name').fill(name)
  await guest.getByLabel('Password').fill('eight or more')
  await guest.getByRole('button', { name: 'Continue' }).click()
  await expect(guest.getByText(`You send as ${name}.`)).toBeVisible()
}

test('two people without an account send files, and whoever asked finds both', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Ask for files')
  await page.getByRole('option', { name: 'Ask for files…' }).or(page.getByRole('menuitem', { name: 'Ask for files…' })).first().click()
  const dialog = page.getByRole('dialog', { name: /Ask for files into/ })
  await expect(dialog.getByRole('button', { name: 'Make the request' })).toBeVisible()
  await check(page, 'the dialog of a file request')
  await dialog.getByRole('button', { name: 'Make the request' }).click()
  await expect(dialog.getByText('Give a title of at most 120 characters.')).toBeVisible()
  await dialog.getByRole('textbox', { name: /Title/ }).fill('Receipts')
  await dialog.getByRole('textbox', { name: /Password/ }).fill('eight or more')
  await dialog.getByRole('textbox', { name: /Only files/ }).fill('txt, bin')
  await dialog.getByRole('button', { name: 'Make the request' }).click()
  const made = page.getByRole('alertdialog', { name: 'The address for senders' })
  const address = (await made.getByRole('region', { name: 'Address' }).textContent())?.trim() ?? ''
  expect(address).toMatch(/\/r\/[0-9a-f]{64}$/)
  await check(page, 'the address of a file request, shown once')
  await page.getByRole('button', { name: 'I have copied it' }).click()

  const eve = await visitor()
  await eve.goto(address)
  expect(await eve.locator('script').count()).toBe(0)
  await check(eve, 'who sends')
  await enter(eve, address, 'Eve')
  await check(eve, 'the page that sends')
  const pick = eve.locator('input[type=file]')
  await pick.setInputFiles([{ name: 'a.exe', mimeType: 'text/plain', buffer: Buffer.from('x') }])
  await expect(eve.getByText('Files of this kind are not asked for.')).toBeVisible()
  await check(eve, 'a file that is refused')
  await expect(eve.getByRole('button', { name: 'Try again: a.exe' })).toBeHidden()
  await eve.getByRole('button', { name: 'Remove: a.exe' }).click()
  await expect(eve.getByText('a.exe')).toHaveCount(0)
  // A large one whose connection breaks goes on by itself.
  let broken = 0
  await eve.route('**/parts/2', async (route) => {
    broken += 1
    if (broken <= 2) await route.abort('connectionreset')
    else await route.continue()
  })
  await pick.setInputFiles([
    { name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('of Eve') },
    { name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(17 << 20, 7) },
  ])
  const sent = eve.getByRole('region', { name: 'What you have sent' })
  await expect(sent.getByText('note.txt')).toBeVisible()
  await expect(sent.getByText('large.bin')).toBeVisible({ timeout: 60_000 })
  expect(broken).toBeGreaterThan(1)
  await eve.reload()
  await expect(sent.getByText('large.bin')).toBeVisible()
  await check(eve, 'what was sent')

  const mallory = await visitor()
  await enter(mallory, address, 'Eve')
  await expect(mallory.getByText('note.txt')).toHaveCount(0)
  await mallory.locator('input[type=file]').setInputFiles([{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('of Mallory') }])
  await expect(mallory.getByRole('region', { name: 'What you have sent' }).getByText('note.txt')).toBeVisible()

  await page.getByRole('link', { name: 'File requests', exact: true }).click()
  const row = page.getByRole('row', { name: /Receipts/ })
  await expect(row).toContainText('3 of 1,000 files, 2 senders')
  await check(page, 'file requests')
  await row.getByRole('link', { name: 'Open the folder' }).click()
  await expect(page.getByRole('row', { name: /Eve \(/ })).toHaveCount(2)

  await admin.goto('/all-file-requests')
  await expect(admin.getByRole('row', { name: /Receipts/ })).toContainText('bob')
  await check(admin, 'everybody’s file requests')
  await admin.getByRole('button', { name: 'Revoke Receipts' }).click()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(admin.getByText('The request is revoked.').first()).toBeVisible()
  await eve.reload()
  await expect(eve.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await check(eve, 'a request that is over')
})
