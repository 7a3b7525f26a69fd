/** The pictures of activity and of what is watched. */
import { mkdir } from 'node:fs/promises'
import { mailTo, MAIL_INTO_FILES } from './support/mail'
import { IMAGES, picture } from './support/pictures'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

test.use({ settings: MAIL_INTO_FILES })

const text = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(name) })

test('activity and what is watched, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const admin = await visitor()
  await setUp(admin, house)
  await admin.goto(`/files/${await locationAt(admin, /^$/)}/shared`)
  await uploadAll(admin, ['Minutes of July.txt', 'Berths.csv', 'Harbour dues.txt', 'Tides.txt'].map(text))
  const page = await visitor()
  await register(page, 'grace')
  await approve(admin, 'grace')
  await signIn(page, 'grace')
  const headers = { 'sec-fetch-site': 'same-origin' }
  expect((await page.request.put('/api/v1/account/email', { data: { email: 'grace@example.org' }, headers })).status()).toBe(202)
  const token = /#token=([0-9a-f]{64})/.exec(await mailTo(house, 'grace@example.org', 'Confirm your mail address'))?.[1]
  expect((await page.request.post('/api/v1/mail-check', { data: { token }, headers })).ok()).toBe(true)
  await openLocation(page, /Home/)
  await uploadAll(page, [text('Draft.txt')])
  await page.goto('/activity')
  await expect(page.getByRole('list', { name: 'What happened' }).getByRole('listitem')).toHaveCount(2, { timeout: 15_000 })
  await picture(page, 'activity')
  await openLocation(page, /Shared/)
  await page.getByRole('button', { name: 'Be told…' }).click()
  await expect(page.getByRole('radio', { name: /Soon/ })).toBeChecked()
  await picture(page, 'watch')
  await page.getByRole('dialog').getByRole('button', { name: 'Watch' }).click()
  await expect(page.getByText('You are told by mail.')).toBeVisible()
  await page.goto('/watches')
  await expect(page.getByRole('table', { name: 'What you watch' })).toBeVisible()
  await picture(page, 'watches')
})
