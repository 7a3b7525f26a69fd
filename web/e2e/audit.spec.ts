/** The audit log: what was done is in it, filtered, live, saved, and found to be whole. */
import { readFile } from 'node:fs/promises'
import { approve, expect, register, setUp, signIn, test } from './support/test'

test('an administrator finds who did what, and that nobody touched the log', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await admin.getByRole('link', { name: 'Audit log' }).click()
  await expect(admin.getByRole('heading', { name: 'Audit log', level: 1 })).toBeVisible()
  await expect(admin.getByText(/Nobody has touched the log|has not checked the log yet/)).toBeVisible()
  const rows = admin.getByRole('row')
  await expect(rows.filter({ hasText: 'portal:PeopleApprove' })).toContainText('done')

  // A wrong password, seen as it comes.
  await admin.getByRole('button', { name: 'Live' }).click()
  await page.goto('/sign-in')
  await page.getByLabel('Name').fill('bob')
  await page.getByLabel('Password', { exact: true }).fill('not the password of bob')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(rows.filter({ hasText: 'portal:SessionSignIn' }).filter({ hasText: 'refused' })).toContainText('login-refused')
  await admin.getByRole('button', { name: 'Live' }).click()

  await admin.getByRole('button', { name: /^Any|Outcome/ }).click()
  await admin.getByRole('option', { name: 'Refused' }).click()
  await expect(rows.filter({ hasText: 'portal:PeopleApprove' })).toHaveCount(0)
  await admin.getByRole('textbox', { name: 'Action' }).fill('portal:Nothing')
  await expect(admin.getByText('Nothing that was recorded is like this.')).toBeVisible()
  await admin.getByRole('button', { name: 'Show everything' }).click()
  await expect(rows.filter({ hasText: 'portal:PeopleApprove' })).toHaveCount(1)

  const saved = admin.waitForEvent('download')
  await admin.getByRole('button', { name: 'Save as CSV' }).click()
  const text = await readFile(await (await saved).path(), 'utf8')
  expect(text.split('\r\n')[0]).toContain('seq,at,request_id,principal')
  expect(text).toContain('portal:PeopleApprove')
  expect(text).not.toContain('not the password of bob')
  await signIn(page, 'bob')
  await expect(page.getByRole('link', { name: 'Audit log' })).toHaveCount(0)
})
