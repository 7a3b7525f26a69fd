/** A folder is watched: a mail tells what somebody else did there, names nothing else, and its links open the folder and end it. */
import { check } from './support/axe'
import { mailTo, MAIL_INTO_FILES } from './support/mail'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

const SUBJECT = 'News of folders that you watch'

test.use({ settings: { ...MAIL_INTO_FILES, WELLHOUSE_ACTIVITY__LETTER_MINUTES: '0' } })

test('who watches a folder is told by mail, and ends it by the link in the mail', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Shared/)
  await page.getByRole('button', { name: 'Be told…' }).click()
  const dialog = page.getByRole('dialog', { name: /Be told of/ })
  await expect(dialog.getByText('You have confirmed no mail address', { exact: false }).first()).toBeVisible()
  await check(page, 'no mail address is confirmed')
  await expect(dialog.getByRole('button', { name: 'Watch' })).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')

  const headers = { 'sec-fetch-site': 'same-origin' }
  expect((await page.request.put('/api/v1/account/email', { data: { email: 'bob@example.org' }, headers })).status()).toBe(202)
  const token = /#token=([0-9a-f]{64})/.exec(await mailTo(house, 'bob@example.org', 'Confirm your mail address'))?.[1]
  expect((await page.request.post('/api/v1/mail-check', { data: { token }, headers })).ok()).toBe(true)
  await page.reload()
  await page.getByRole('button', { name: 'Be told…' }).click()
  await expect(dialog.getByRole('radio', { name: /Soon/ })).toBeChecked()
  await check(page, 'the dialog of a watch')
  await dialog.getByRole('button', { name: 'Watch' }).click()
  await expect(page.getByText('You are told by mail.')).toBeVisible()

  await admin.goto(`/files/${await locationAt(admin, /^$/)}/shared`)
  await uploadAll(admin, [{ name: 'minutes of July.txt', mimeType: 'text/plain', buffer: Buffer.from('all agreed') }])
  const mail = await mailTo(house, 'bob@example.org', SUBJECT)
  expect(mail).toContain('"ada" added "minutes of July.txt"')
  const [folder, stop] = [/(\S+\/files\/\S+)/.exec(mail)?.[1] ?? '', /(\S+\/watches\?end=\S+)/.exec(mail)?.[1] ?? '']
  expect([folder, stop].every((link) => link.startsWith(house.portal)), mail).toBe(true)
  await page.goto(folder)
  await expect(page.getByRole('row', { name: /minutes of July/ })).toBeVisible()
  await page.goto(stop)
  const asked = page.getByRole('alertdialog', { name: /Stop watching/ })
  await expect(asked).toBeVisible()
  await check(page, 'what the mail asks about')
  await asked.getByRole('button', { name: 'Cancel' }).click()
  await expect(page).not.toHaveURL(/end=/)
  await expect(page.getByRole('table', { name: 'What you watch' })).toBeVisible()
  await check(page, 'what is watched')
  await page.goto(stop)
  await asked.getByRole('button', { name: 'Stop watching' }).click()
  await expect(page.getByRole('heading', { name: 'You watch nothing' })).toBeVisible()
  await page.goto(stop)
  await expect(page.getByText('What the mail speaks of you watch no longer.')).toBeVisible()
})
