/** The worked example of README.md: too much is refused with a request that shows why, less is saved as it was shown. */
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

interface Document {
  Statement: { Sid?: string; Resource: string | string[] }[]
}

test('a change of a role is weighed, refused, made smaller and taken back', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await admin.getByRole('link', { name: 'Roles' }).click()
  const rails = admin.getByRole('region', { name: 'Guard rails' })
  await expect(rails.getByText('Proved', { exact: true })).toHaveCount(6)
  await admin.getByRole('link', { name: 'Change permissions of RegularUserRole' }).click()
  const editor = admin.getByRole('textbox', { name: 'Permissions, as JSON' })
  await expect(editor).toContainText('"Browse"')
  const answer = await admin.request.get('/api/v1/roles')
  const roles: { name: string; policies: { document: string }[] }[] = (await answer.json()).roles
  const own = roles.find(({ name }) => name === 'RegularUserRole')?.policies[0]?.document ?? '{}'
  const document: Document = JSON.parse(own)
  const shared = 'arn:aws:s3:::wellhouse/shared/*'
  const write = async (action: string): Promise<void> => {
    const more = { Sid: 'Shared', Effect: 'Allow', Action: action, Resource: shared }
    await editor.fill(JSON.stringify({ ...document, Statement: [...document.Statement, more] }))
  }
  const changes = admin.getByRole('region', { name: 'What changes' })
  const save = admin.getByRole('button', { name: 'Save as shown' })

  await test.step('what is written is checked as it is written, and said in words', async () => {
    await write('s3:GetObjet')
    await expect(admin.getByRole('region', { name: 'Findings' })).toContainText('action-unknown')
    await admin.getByRole('button', { name: /Fix: write/ }).click()
    await expect(editor).toContainText('s3:GetObject"')
    await expect(admin.getByRole('region', { name: 'Findings' })).not.toContainText('action-unknown')
    await expect(admin.getByRole('region', { name: 'In plain words' })).toContainText('Shared: allows s3:GetObject')
  })

  await test.step('too much is refused by a guard rail, with a request', async () => {
    await write('s3:*')
    await admin.getByRole('button', { name: 'Show what changes' }).click()
    await expect(changes).toContainText('Something may be written that could not.')
    await expect(changes).toContainText('Something is opened to everyone.')
    // The administrator has all of it already, by another grant.
    await expect(changes.getByRole('heading', { name: '1 person: bob' })).toBeVisible()
    await expect(changes.locator('dd', { hasText: 's3:PutObject' }).first()).toBeVisible()
    const refusal = changes.getByRole('alert').filter({ hasText: 'This is not made' })
    await expect(refusal).toContainText('regular-users-write-only-at-home')
    await expect(refusal).toContainText('RegularUserRole would be allowed s3:PutObject arn:aws:s3:::wellhouse/shared/')
    await expect(save).toHaveAttribute('aria-disabled', 'true')
  })

  await test.step('less passes, and is saved as it was shown', async () => {
    await write('s3:GetObjectAcl')
    await expect(changes).toHaveCount(0)
    await admin.getByRole('button', { name: 'Show what changes' }).click()
    await expect(changes.locator('dd').first()).toContainText('s3:GetObjectAcl')
    await admin.getByRole('textbox', { name: 'Why' }).fill('for the auditors')
    await save.click()
    await expect(admin.getByText('Saved as version 1. It counts now.')).toBeVisible()
    const versions = admin.getByRole('region', { name: 'Versions' })
    await expect(versions).toContainText('for the auditors')
    await expect(admin.getByRole('region', { name: 'In plain words' })).toContainText('s3:GetObjectAcl')
  })

  await test.step('it is taken back', async () => {
    await admin.getByRole('button', { name: 'Back to the standard permissions' }).click()
    await expect(changes).toContainText('Lost: read')
    await save.click()
    await expect(admin.getByText('Saved as version 2. It counts now.')).toBeVisible()
    await openLocation(page, /Shared/)
    await expect(page.locator('.reason', { hasText: 's3:PutObject' })).toBeVisible()
  })
})

test('a grant shows what it opens before it is given', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  await admin.goto('/grants')
  const everyone = admin.getByRole('radio', { name: /^Everyone/ })
  await expect(async () => {
    await everyone.click({ force: true })
    await expect(everyone).toBeChecked({ timeout: 500 })
  }).toPass()
  await admin.getByRole('textbox', { name: 'Folder' }).fill('team/')
  await admin.getByRole('textbox', { name: /Title|Name/ }).last().fill('Team')
  await admin.getByRole('button', { name: 'Show what it opens' }).click()
  await expect(admin.getByRole('region', { name: 'What changes' })).toContainText('Something is opened to everyone.')
})
