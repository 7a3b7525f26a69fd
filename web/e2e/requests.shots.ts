/** The pictures of file requests: made, listed, and as those see them who send. */
import { mkdir } from 'node:fs/promises'
import { IMAGES, picture } from './support/pictures'
import { expect, openLocation, setUp, test } from './support/test'

test('file requests, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house)
  await openLocation(page, /Home/)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('Ask for files')
  await page.getByRole('option', { name: 'Ask for files…' }).or(page.getByRole('menuitem', { name: 'Ask for files…' })).first().click()
  const dialog = page.getByRole('dialog', { name: /Ask for files into/ })
  await dialog.getByRole('textbox', { name: /Title/ }).fill('Receipts of the regatta')
  await dialog.getByRole('textbox', { name: /Message/ }).fill('Please send each receipt as a file of its own.\nThank you!')
  await dialog.getByRole('textbox', { name: /Only files/ }).fill('pdf, jpg, bin')
  await picture(page, 'file-request')
  await dialog.getByRole('button', { name: 'Make the request' }).click()
  const made = page.getByRole('alertdialog', { name: 'The address for senders' })
  const address = (await made.getByRole('region', { name: 'Address' }).textContent())?.trim() ?? ''
  await page.getByRole('button', { name: 'I have copied it' }).click()

  const guest = await visitor()
  await guest.goto(address)
  await expect(guest.getByRole('heading', { name: 'Receipts of the regatta' })).toBeVisible()
  await picture(guest, 'file-request-enter')
  await guest.getByLabel('Your name').fill('Harbour office')
  await guest.getByRole('button', { name: 'Continue' }).click()
  const pick = guest.locator('input[type=file]')
  await pick.setInputFiles([
    { name: 'Berth 14.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(48_000, 1) },
    { name: 'Fuel.jpg', mimeType: 'image/jpeg', buffer: Buffer.alloc(1_900_000, 2) },
  ])
  const sent = guest.getByRole('region', { name: 'What you have sent' })
  await expect(sent.getByRole('listitem')).toHaveCount(2)
  // The second part of a large one waits as long as the picture is taken.
  await guest.route('**/parts/2', () => undefined)
  await pick.setInputFiles([
    { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('x') },
    { name: 'Film.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(17 << 20, 3) },
  ])
  await expect(guest.getByText('Files of this kind are not asked for.')).toBeVisible()
  await expect(guest.getByText(/Sending: [1-9]/)).toBeVisible()
  await picture(guest, 'file-request-send')

  await page.goto('/file-requests')
  await expect(page.getByRole('row', { name: /Receipts/ })).toBeVisible()
  await picture(page, 'file-requests')
  await page.goto('/all-file-requests')
  await expect(page.getByRole('row', { name: /Receipts/ })).toBeVisible()
  await picture(page, 'all-file-requests')
})
