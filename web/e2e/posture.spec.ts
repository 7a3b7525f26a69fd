/** How the house stands: what fails, what to do about it, and what is in force, as a document. */
import { readFile } from 'node:fs/promises'
import { check as withoutFaults } from './support/axe'
import { apply, iam, readBack } from './support/estate'
import { approve, expect, register, setUp, signIn, test } from './support/test'

test('a role that is changed by hand fails its check, by a button, until it is mended', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  const admin = await visitor()
  await setUp(admin, house)
  const bounded = admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name: /Every role is bounded/ }) })

  await test.step('the server has looked by itself, and what could not be found out does not hold', async () => {
    await admin.getByRole('link', { name: 'Posture' }).click()
    await expect(admin.getByText(/Last checked/)).toBeVisible({ timeout: 90_000 })
    await expect(bounded.getByText('Holds', { exact: true })).toBeVisible()
    const scan = admin.getByRole('listitem').filter({ has: admin.getByRole('heading', { name: /Files are scanned for malware/ }) })
    await expect(scan.getByText('Fails', { exact: true })).toBeVisible()
    await expect(scan).toContainText('scan.clamd')
    await admin.getByRole('alert').getByRole('link', { name: 'Files are scanned for malware' }).click()
    await expect(scan).toBeInViewport()
  })

  await test.step('something is changed by hand', async () => {
    await iam(house, 'delete-role-permissions-boundary', '--role-name', 'UploadRole')
    await admin.getByRole('button', { name: 'Check now' }).click()
    await expect(bounded.getByText('Fails', { exact: true })).toBeVisible({ timeout: 60_000 })
    await expect(bounded.getByRole('link', { name: 'UploadRole' })).toHaveAttribute('href', '/roles/UploadRole')
    await expect(bounded.getByRole('region', { name: 'Command for roles-bounded' })).toHaveText('wellhouse plan && wellhouse apply')
    await withoutFaults(admin, 'a check that fails')
  })

  await test.step('only what is not well is shown', async () => {
    await admin.getByRole('checkbox', { name: 'Only what fails or is not known' }).click({ force: true })
    await expect(bounded).toBeVisible()
    await expect(admin.getByRole('heading', { name: /Old versions are kept/ })).toHaveCount(0)
    await admin.getByRole('checkbox', { name: 'Only what fails or is not known' }).click({ force: true })
  })

  await test.step('it is mended, and the audit log tells of both', async () => {
    await apply(house)
    await admin.getByRole('button', { name: 'Check now' }).click()
    await expect(bounded.getByText('Holds', { exact: true })).toBeVisible({ timeout: 60_000 })
    await admin.goto('/audit')
    await admin.getByRole('textbox', { name: 'Action' }).fill('wellhouse:PostureChanged')
    await expect(admin.getByText(/before: fails; now: holds/).first()).toBeVisible()
  })
})

test('the document says what is in force, whole to administrators and of their own roles to others', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')

  await test.step('all of it, with what differs', async () => {
    await iam(house, 'tag-role', '--role-name', 'UploadRole', '--tags', 'Key=installation-id,Value=other')
    await iam(house, 'delete-role-permissions-boundary', '--role-name', 'UploadRole')
    await readBack(house)
    await admin.getByRole('link', { name: 'Documentation' }).click()
    const document = admin.getByRole('article', { name: 'Documentation' })
    await expect(document.getByRole('heading', { name: 'What is in force' })).toBeVisible()
    await expect(document.getByRole('heading', { name: 'AdminRole', exact: true })).toBeVisible()
    await expect(admin.getByRole('alert')).toContainText('UploadRole')
    await expect(document).toContainText('was not so then')
    await withoutFaults(admin, 'the document')
  })

  await test.step('on paper there is the document alone', async () => {
    await admin.emulateMedia({ media: 'print' })
    await expect(admin.getByRole('navigation', { name: 'Main' })).toBeHidden()
    await expect(admin.getByRole('button', { name: 'Print' })).toBeHidden()
    await expect(admin.getByRole('article', { name: 'Documentation' })).toBeVisible()
    await admin.emulateMedia({ media: 'screen' })
  })

  await test.step('as files', async () => {
    for (const [link, beginning] of [['As Markdown', '# The estate'], ['As a page (HTML)', '<!DOCTYPE html>']] as const) {
      const coming = admin.waitForEvent('download')
      await admin.getByRole('link', { name: link }).click()
      const text = await readFile(await (await coming).path(), 'utf8')
      expect(text.startsWith(beginning)).toBe(true)
      expect(text).toContain('What is in force')
    }
  })

  await test.step('of their own roles to others', async () => {
    await page.getByRole('link', { name: 'Documentation' }).click()
    const document = page.getByRole('article', { name: 'Documentation' })
    await expect(document.getByRole('heading', { name: 'RegularUserRole' })).toBeVisible()
    await expect(document).not.toContainText('AdminRole')
    await expect(page.getByRole('link', { name: 'Posture' })).toHaveCount(0)
    await page.goto('/posture')
    await expect(page.getByText('Only administrators may see this page.')).toBeVisible()
  })
})
