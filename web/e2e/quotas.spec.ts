/** Quotas: set by an administrator, shown where one uploads, and held. */
import { check } from './support/axe'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

test('a quota is set, shown in the folder and the account, and refuses what is too much', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const [admin, bob] = [await visitor(), await visitor()]
  await setUp(admin, house)
  await register(bob, 'bob')
  await approve(admin, 'bob')

  await test.step('an administrator sets one for every person', async () => {
    await admin.getByRole('link', { name: 'Quotas' }).click()
    await expect(admin.getByText('No quotas')).toBeVisible()
    await check(admin, 'no quotas')
    await admin.getByRole('button', { name: 'Save' }).click()
    await expect(admin.getByText('Write a size such as 10 GB')).toBeVisible()
    await admin.getByLabel('Size at most').fill('2 KB')
    await admin.getByRole('button', { name: 'Save' }).click()
    await expect(admin.getByRole('heading', { name: 'Every person' })).toBeVisible()
    await expect(admin.getByRole('row', { name: /bob/ })).toBeVisible()
    await check(admin, 'quotas')
  })

  await test.step('a person sees theirs, and what is too much is refused', async () => {
    await signIn(bob, 'bob')
    await openLocation(bob, /bob|home/i)
    await expect(bob.getByText('Your own places: 0 B of 2 KB')).toBeVisible({ timeout: 20_000 })
    await bob.getByTestId('pick-files').setInputFiles({ name: 'small.txt', mimeType: 'text/plain', buffer: Buffer.alloc(1_900, 'a') })
    await expect(bob.getByRole('row', { name: /small\.txt/ })).toBeVisible()
    await bob.getByTestId('pick-files').setInputFiles({ name: 'large.txt', mimeType: 'text/plain', buffer: Buffer.alloc(500, 'b') })
    await expect(bob.getByText(/400 bytes are missing/)).toBeVisible()
    await check(bob, 'a folder under a quota')
    await bob.goto('/account')
    await expect(bob.getByRole('heading', { name: 'Storage' })).toBeVisible()
    await expect(bob.getByText('95 % used')).toBeVisible()
    await check(bob, 'an account under a quota')
  })

  await test.step('it is removed', async () => {
    await admin.getByRole('button', { name: 'Remove Every person' }).click()
    await expect(admin.getByText('No quotas')).toBeVisible()
  })
})
