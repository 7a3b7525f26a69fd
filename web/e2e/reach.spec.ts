/** Who can reach a place, what a person can reach, and seeing as somebody else. */
import { expect, openLocation, register, approve, setUp, signIn, test } from './support/test'
import { locationAt, uploadAll } from './support/uploading'

test('an administrator sees who reaches what, and looks as somebody else', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await signIn(page, 'bob')
  await openLocation(page, /Home/)
  await uploadAll(page, [{ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') }])

  await test.step('who reaches a folder', async () => {
    await admin.getByRole('link', { name: 'Who can?' }).click()
    await expect(admin.getByRole('heading', { name: 'Who can reach this?', level: 1 })).toBeVisible()
    await admin.getByRole('textbox', { name: 'Object or folder' }).fill('shared/')
    await admin.getByRole('button', { name: 'Who can?' }).click()
    const counted = admin.getByRole('region', { name: 'How many' })
    await expect(counted).toContainText('2 persons reach something of')
    await expect(counted.getByRole('listitem').filter({ hasText: 's3:GetObject' }).first()).toContainText('2 persons')
    await expect(counted.getByRole('listitem').filter({ hasText: 's3:DeleteObject' }).first()).toContainText('1 person')
    const everyone = admin.locator('details.way', { hasText: 'RegularUserRole' }).first()
    await everyone.locator('summary').click()
    await expect(everyone).toContainText('s3:GetObject everywhere')
    await expect(everyone).toContainText('by Read of')
    const bob = admin.getByRole('table', { name: 'Persons' }).getByRole('row', { name: /bob/ })
    await expect(bob).toContainText('GetObject')
    await expect(bob).not.toContainText('PutObject')
    await expect(admin.getByRole('region', { name: 'Strangers' })).toContainText('nothing is reached')
    await admin.getByRole('textbox', { name: 'Only names with' }).fill('BO')
    await expect(admin.getByRole('table', { name: 'Persons' }).getByRole('row')).toHaveCount(2)
    await expect(admin.getByText('1 to 1 of 1')).toBeVisible()
  })

  await test.step('a link to it asks the same again', async () => {
    await admin.reload()
    await expect(admin.getByRole('textbox', { name: 'Object or folder' })).toHaveValue('shared/')
    await expect(admin.getByRole('region', { name: 'How many' })).toContainText('2 persons')
  })

  await test.step('what a person reaches, and who else', async () => {
    await admin.getByRole('table', { name: 'Persons' }).getByRole('link', { name: 'bob' }).click()
    await expect(admin.getByRole('heading', { name: 'What bob can reach', level: 1 })).toBeVisible()
    const places = admin.getByRole('list', { name: 'Places' }).locator('> li')
    await expect(places).toHaveCount(2)
    await expect(places.filter({ hasText: '/shared/*' })).toContainText('s3:ListBucket everywhere')
    await expect(places.filter({ hasText: '/home/' })).toContainText('s3:PutObject everywhere')
    await places.filter({ hasText: '/home/' }).getByRole('link', { name: 'Who else?' }).click()
    await expect(admin.getByRole('region', { name: 'How many' })).toContainText('2 persons')
  })

  await test.step('the details of a folder lead there', async () => {
    await admin.goto('/')
    await openLocation(admin, /Shared/)
    const details = admin.getByRole('complementary', { name: 'Details' })
    if (!(await details.isVisible())) await admin.getByRole('button', { name: 'Details' }).click()
    await details.getByRole('link', { name: 'Who can reach this?' }).click()
    await expect(admin.getByRole('textbox', { name: 'Object or folder' })).toHaveValue('shared/')
  })

  const banner = admin.getByRole('region', { name: 'You see as somebody else' })
  await test.step('seeing as bob shows what bob sees, with a line above it', async () => {
    await admin.goto('/people')
    await admin.getByRole('button', { name: 'Actions for bob' }).click()
    await admin.getByRole('menuitem', { name: 'Grants' }).click()
    await admin.getByRole('button', { name: 'See as' }).click()
    await admin.getByRole('dialog', { name: 'See as bob' }).getByRole('button', { name: 'See', exact: true }).click()
    await expect(banner).toContainText('You see as bob')
    await expect(banner).toContainText('You are ada.')
    await expect(admin.getByRole('heading', { name: 'Administration' })).toHaveCount(0)
    await openLocation(admin, /Home/)
    await expect(admin.getByText('note.txt')).toBeVisible()
    await expect(banner).toBeVisible()
  })

  await test.step('nothing is written, read or issued', async () => {
    await admin.getByRole('button', { name: 'New folder' }).click()
    const dialog = admin.getByRole('dialog')
    await dialog.getByRole('textbox').fill('mine')
    await dialog.getByRole('button', { name: /create|make/i }).click()
    await expect(dialog).toContainText('You see as somebody else, and may only look')
    await admin.keyboard.press('Escape')
    const home = await locationAt(admin, /^home\//)
    const headers = { 'sec-fetch-site': 'same-origin' }
    const asked: [string, object][] = [
      [`/api/v1/locations/${home}/downloads`, { path: 'note.txt', inline: false }],
      [`/api/v1/locations/${home}/delete`, { paths: ['note.txt'] }],
      ['/api/v1/credentials', { location: home }],
      ['/api/v1/tokens', { name: 't', locations: [home], actions: ['list'] }],
    ]
    for (const [path, data] of asked) {
      const answer = await admin.request.post(path, { data, headers })
      expect([answer.status(), (await answer.json()).code], path).toEqual([403, 'seeing-as'])
    }
    for (const path of ['/api/v1/account/sessions', '/api/v1/keys', '/api/v1/places', '/api/v1/people', '/api/v1/audit']) {
      expect((await (await admin.request.get(path)).json()).code, path).toBe('seeing-as')
    }
  })

  await test.step('it ends, and stands in the log', async () => {
    await banner.getByRole('button', { name: 'End it' }).click()
    await expect(banner).toHaveCount(0)
    await admin.goto('/audit')
    await expect(admin.getByText(/sees as person\//).first()).toBeVisible()
    await expect(admin.getByText(/saw as person\//).first()).toBeVisible()
  })

  await test.step('a role is seen as at a place', async () => {
    await admin.goto('/roles')
    await admin.getByRole('button', { name: 'See as UploadRole' }).click()
    const dialog = admin.getByRole('dialog', { name: 'See as UploadRole' })
    await dialog.getByRole('textbox', { name: 'Folder' }).fill('inbox/')
    await dialog.getByRole('button', { name: 'See', exact: true }).click()
    await expect(banner).toContainText('You see as the role UploadRole')
    await expect(admin.getByRole('main')).toContainText('inbox/')
    await banner.getByRole('button', { name: 'End it' }).click()
    await expect(banner).toHaveCount(0)
  })
})
