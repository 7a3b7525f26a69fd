/** Whoever is refused something asks for it, and gets by one click the smallest grant that would do. */
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

test('somebody who may not write asks, and an administrator gives it by one click', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Shared/)

  await test.step('asked beside the refusal', async () => {
    const refusal = page.locator('.reason', { hasText: /RegularUserRole does not allow s3:PutObject on \S+\./ })
    await refusal.getByRole('button', { name: 'Ask for access' }).click()
    const dialog = page.getByRole('dialog', { name: 'Ask for access' })
    await expect(dialog).toContainText('write files')
    await dialog.getByRole('textbox', { name: 'Why you need it' }).fill('the minutes of March')
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await expect(page.getByText('Asked. You will see here what is decided.')).toBeVisible()
    await page.goto('/')
    await expect(page.getByRole('table', { name: 'What you asked for' })).toContainText('Waiting')
  })

  await test.step('given as it is shown', async () => {
    await admin.goto('/')
    await expect(admin.getByTitle('1 request waits')).toBeVisible()
    await admin.getByRole('link', { name: /^Requests/ }).click()
    const row = admin.getByRole('row', { name: /bob/ })
    await expect(row).toContainText('the minutes of March')
    await expect(row).toContainText('UploadRole')
    await expect(row).toContainText('shared/')
    await row.getByRole('button', { name: 'Give UploadRole to bob' }).click()
    const giving = admin.getByRole('alertdialog', { name: 'Give UploadRole to bob' })
    await expect(giving).toContainText('s3:PutObject')
    await giving.getByRole('button', { name: 'Give' }).click()
    await expect(admin.getByText('bob has UploadRole now.')).toBeVisible()
    await expect(admin.getByText('Nobody is waiting')).toBeVisible()
  })

  await test.step('and there it is', async () => {
    await page.goto('/')
    await expect(page.getByRole('table', { name: 'What you asked for' })).toContainText('Given')
    const given = page.getByRole('listitem').filter({ hasText: 'UploadRole' })
    await expect(given).toContainText('wellhouse/shared/')
  })

  await test.step('what is declined is told with its answer', async () => {
    await openLocation(page, /^Open Shared|^Shared/)
    const refusal = page.locator('.reason', { hasText: 's3:DeleteObject' })
    await refusal.getByRole('button', { name: 'Ask for access' }).click()
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await admin.reload()
    const row = admin.getByRole('row', { name: /bob/ })
    await row.getByRole('button', { name: /^Decline/ }).click()
    const dialog = admin.getByRole('dialog', { name: 'Decline what bob asked for' })
    await dialog.getByRole('textbox', { name: 'Answer' }).fill('Eve deletes for you.')
    await dialog.getByRole('button', { name: 'Decline' }).click()
    await page.goto('/')
    await expect(page.getByRole('table', { name: 'What you asked for' })).toContainText('Eve deletes for you.')
  })
})
