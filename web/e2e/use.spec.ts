/** What a role was used for, and the smaller policy: taken into the editor, weighed, saved, and in force. */
import { check } from './support/axe'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { uploadAll } from './support/uploading'

test('what a person did becomes a smaller policy, and is saved as a change like any other', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  await uploadAll(page, [{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') }])
  const used = admin.getByRole('table', { name: 'Used' })
  const smaller = admin.getByRole('region', { name: 'The smaller policy' })

  await test.step('what was done is told within seconds, and since when it is known', async () => {
    await admin.getByRole('link', { name: 'Roles' }).click()
    await admin.getByRole('link', { name: 'What S3AccessRole was used for' }).click()
    await expect(admin.getByRole('heading', { name: 'What S3AccessRole was used for', level: 1 })).toBeVisible()
    await expect(async () => {
      await admin.reload()
      await expect(used.getByRole('row', { name: /s3:PutObject/ })).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
    await expect(used.getByRole('row', { name: /s3:PutObject/ })).toContainText('wellhouse/home/${uid}/')
    await expect(used.getByRole('row', { name: /s3:PutObject/ })).toContainText('1 person')
    await expect(admin.getByRole('alert')).toContainText('Known is only the time since')
    await expect(admin.getByRole('region', { name: 'Never used' })).toContainText('s3:DeleteObject')
    await expect(admin.getByRole('region', { name: 'Grants that nobody used' })).toContainText('ada')
    await expect(smaller).toContainText('Proved')
    await expect(smaller).not.toContainText('s3:DeleteObject')
  })

  await test.step('folders in the place of patterns', async () => {
    await admin.getByRole('button', { name: /Resources of statements/ }).click()
    await admin.getByRole('option', { name: 'Folders used' }).click()
    await expect(smaller).toContainText('wellhouse/home/*')
    await expect(smaller).toContainText('stand for more than what was seen in them')
    await check(admin, 'what a role was used for')
  })

  await test.step('it is taken into the editor as a draft, weighed and saved', async () => {
    await smaller.getByRole('button', { name: 'Put the smaller policy into the editor' }).click()
    await expect(admin.getByRole('heading', { name: 'Permissions of S3AccessRole', level: 1 })).toBeVisible()
    await expect(admin.getByText('This is the smaller policy. It is a draft')).toBeVisible()
    const editor = admin.getByRole('textbox', { name: 'Permissions, as JSON' })
    await expect(editor).toContainText('wellhouse/home/*')
    await admin.getByRole('button', { name: 'Show what changes' }).click()
    const changes = admin.getByRole('region', { name: 'What changes' })
    await expect(changes.locator('dd', { hasText: 's3:DeleteObject' }).first()).toBeVisible()
    await admin.getByRole('textbox', { name: 'Why' }).fill('as it was used')
    await admin.getByRole('button', { name: 'Save as shown' }).click()
    await expect(admin.getByText('Saved as version 1. It counts now.')).toBeVisible()
  })

  await test.step('what was done works on, and the rest is refused', async () => {
    await page.reload()
    await expect(page.getByRole('row', { name: /note\.txt/ })).toBeVisible()
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Upload files' }).click()
    await (await chooser).setFiles([{ name: 'more.txt', mimeType: 'text/plain', buffer: Buffer.from('more') }])
    await expect(page.getByText('1 of 1 done')).toBeVisible()
    await page.getByRole('row', { name: /note\.txt/ }).click()
    await expect(page.locator('.reason', { hasText: 's3:DeleteObject' }).first()).toBeAttached()
  })
})
