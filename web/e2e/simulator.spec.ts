/** The simulator: who could do what, and which statement decides; one click leads to it from what was refused. */
import { expect, openLocation, register, approve, setUp, signIn, test } from './support/test'
import { uploadAll } from './support/uploading'

test('a question is answered by the chain of policies, and its address asks it again', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  const decision = admin.getByRole('region', { name: 'The decision' })

  await test.step('a person, an action, a place', async () => {
    await admin.getByRole('link', { name: 'Simulator' }).click()
    await expect(admin.getByRole('status').filter({ hasText: 'Say who asks and for what.' })).toBeVisible()
    await admin.getByRole('button', { name: /Person$/ }).last().click()
    await admin.getByRole('option', { name: 'bob' }).click()
    await admin.getByRole('button', { name: /Action$/ }).click()
    await admin.getByRole('option', { name: 's3:PutObject', exact: true }).click()
    await admin.getByRole('textbox', { name: 'Object or folder' }).fill('shared/plan.txt')
    await admin.getByRole('button', { name: 'Decide' }).click()
    await expect(decision).toContainText('Not allowed')
    await expect(decision.getByRole('article')).toHaveCount(1)
    await expect(decision.getByRole('article')).toContainText('RegularUserRole')
    await expect(decision).toContainText('Grants for other places: Home')
  })

  await test.step('what the store says is the same', async () => {
    await openLocation(page, /Shared/)
    await expect(page.locator('.reason', { hasText: 's3:PutObject' })).toBeVisible()
  })

  await test.step('a link to it asks the same again', async () => {
    const other = await admin.context().newPage()
    await other.goto(admin.url())
    await expect(other.getByRole('textbox', { name: 'Object or folder' })).toHaveValue('shared/plan.txt')
    await expect(other.getByRole('region', { name: 'The decision' })).toContainText('Not allowed')
    await other.close()
  })

  await test.step('reading is allowed, and by a link that is too old nothing is', async () => {
    await admin.getByRole('button', { name: /Action$/ }).click()
    await admin.getByRole('option', { name: 's3:GetObject', exact: true }).click()
    await admin.getByRole('button', { name: 'Decide' }).click()
    await expect(decision.locator('.verdict')).toContainText('Allowed')
    await admin.getByText('How it is asked', { exact: true }).click()
    await admin.getByRole('textbox', { name: 'Further condition keys' }).fill('s3:signatureAge=900001')
    await admin.getByRole('button', { name: 'Decide' }).click()
    await expect(decision.locator('.verdict')).toContainText('Not allowed')
    await expect(decision.locator('li[data-decides]').last()).toContainText('denies it')
  })

  await test.step('a stranger', async () => {
    await admin.getByRole('button', { name: /Who asks$/ }).click()
    await admin.getByRole('option', { name: /Stranger/ }).click()
    await admin.getByRole('button', { name: 'Decide' }).click()
    await expect(decision.getByRole('heading', { name: /Stranger/ })).toContainText('Not allowed')
  })

  await test.step('one click leads from the audit log to it, filled in', async () => {
    await page.goto('/')
    await openLocation(page, /Home/)
    await uploadAll(page, [{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') }])
    await admin.goto('/audit')
    await admin.getByRole('textbox', { name: 'Action' }).fill('s3:')
    await admin.getByRole('link', { name: 'Open in the simulator' }).first().click()
    await expect(admin).toHaveURL(/simulator\?/)
    await expect(decision).toBeVisible()
  })
})
