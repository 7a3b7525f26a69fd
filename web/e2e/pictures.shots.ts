/** The pictures of docs/images: every page at 1360 and 390 pixels, light and dark. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { Authenticator } from './support/authenticator'
import { PASSWORD } from './support/house'
import { iam, readBack } from './support/estate'
import { folderOfFiles, largeFile } from './support/files'
import { linkIn, mailTo, MAIL_INTO_FILES } from './support/mail'
import { made, pdf, png } from './support/media'
import { uploadAll } from './support/uploading'
import { approve, enterPassword, expect, openLocation, register, setUp, signIn, test } from './support/test'

const IMAGES = join(import.meta.dirname, '../../docs/images')

/** Scrolls what scrolls, and not the shell around it. */
function intoSight(heading: Element): void {
  let box = heading.parentElement
  while (box !== null && !['auto', 'scroll'].includes(getComputedStyle(box).overflowY)) box = box.parentElement
  box?.scrollBy(0, heading.getBoundingClientRect().top - 400)
}

async function picture(page: Page, name: string, heading?: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1360, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: width > 600 ? 860 : 780 })
      if (heading !== undefined) await page.getByRole('heading', { name: heading, exact: true }).evaluate(intoSight)
      await page.mouse.move(0, 0)
      await page.waitForTimeout(250)
      await page.screenshot({ path: join(IMAGES, `${name}-${colorScheme}-${width}.png`) })
    }
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 1360, height: 860 })
}

test('every page, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(600_000)
  await mkdir(IMAGES, { recursive: true })
  const admin = await visitor()
  await admin.goto(house.setupLink)
  await expect(admin.getByRole('button', { name: 'Set up and sign in' })).toBeVisible()
  await picture(admin, 'setup')
  await admin.goto('about:blank')
  await setUp(admin, house)
  const page = await visitor()
  await page.goto('/register')
  await expect(page.getByRole('button', { name: 'Create an account' })).toBeVisible()
  await picture(page, 'register')
  await register(page, 'grace')
  await register(page, 'edsger')
  await admin.goto('/people')
  await expect(admin.getByRole('button', { name: 'Approve grace' })).toBeVisible()
  await picture(admin, 'people')
  await approve(admin, 'grace')
  await signIn(page, 'grace')
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()
  await picture(page, 'locations')
  await page.goto('/keys')
  for (const name of ['Backup of the harbour office', 'Camera 4']) {
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name)
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Make an access key' }).click()
    await expect(page.getByRole('alertdialog')).toBeVisible()
    if (name === 'Camera 4') await picture(page, 'access-key')
    await page.getByRole('button', { name: 'I have kept the secret' }).click()
  }
  await page.getByRole('button', { name: 'Revoke Camera 4' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByRole('row', { name: /Camera 4/ })).toContainText('Revoked')
  await picture(page, 'access-keys')
  await openLocation(page, /Shared/)
  await page.getByRole('button', { name: 'Upload', exact: true }).hover()
  await expect(page.getByRole('tooltip')).toBeVisible()
  await page.screenshot({ path: join(IMAGES, 'refused-light-1360.png') })
  await openLocation(page, /Home/)
  const folder = join(house.folder, 'Port calls')
  await folderOfFiles(folder, 24)
  await upload(page, 'Upload a folder', folder)
  const names = ['Manifest 2026.pdf', 'Invoice 0007.xlsx', 'Survey.csv', 'Harbour.jpg', 'Minutes.md', 'Sensor 14.parquet', 'Contract.docx']
  const buffers = names.map((name, n) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(3 ** (n + 6)) }))
  await upload(page, 'Upload files', buffers)
  await expect(page.getByRole('row', { name: /Survey\.csv/ })).toBeVisible()
  const large = join(house.folder, 'Archive 2019.zip')
  await largeFile(large, 700)
  await upload(page, 'Upload files', large)
  await page.getByRole('row', { name: /Survey\.csv/ }).click()
  await expect(page.getByText(/left/).first()).toBeVisible()
  await page.getByRole('button', { name: 'Pause Archive 2019.zip' }).click()
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await picture(page, 'files')
  await admin.goto('/audit')
  await expect(admin.getByRole('row', { name: /UploadsComplete/ }).first()).toBeVisible()
  await picture(admin, 'audit')
  await picture(await rolesPage(admin), 'roles')
  await iam(house, 'delete-role-permissions-boundary', '--role-name', 'AdminRole')
  await iam(house, 'tag-role', '--role-name', 'UploadRole', '--tags', 'Key=team,Value=harbour')
  await readBack(house)
  await picture(await rolesPage(admin), 'roles-differ')
})

async function rolesPage(page: Page): Promise<Page> {
  await page.goto('/roles')
  await expect(page.getByText('RegularUserRole').first()).toBeVisible()
  return page
}

async function upload(page: Page, item: string, files: Parameters<import('@playwright/test').FileChooser['setFiles']>[0]): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
  await (await chooser).setFiles(files)
}

test('two-step sign-in, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await picture(page, 'two-step-missing')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set up two-step sign-in' }).click()
  const dialog = page.getByRole('alertdialog', { name: 'Set up two-step sign-in' })
  await expect(dialog.getByRole('textbox', { name: 'Code' })).toBeVisible()
  await picture(page, 'two-step-set-up')
  await dialog.getByText('Enter the key by hand').click()
  const authenticator = new Authenticator((await dialog.getByRole('region', { name: 'Key' }).textContent())?.trim() ?? '')
  await dialog.getByRole('textbox', { name: 'Code' }).fill(await authenticator.next())
  await dialog.getByRole('button', { name: 'Turn on' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Recovery codes' })).toBeVisible()
  await picture(page, 'recovery-codes')
  await page.getByRole('button', { name: 'I have kept the codes' }).click()
  await expect(page.getByRole('button', { name: 'Turn off' })).toBeVisible()
  await picture(page, 'account')
  await page.route('**/api/v1/account/second-factor/recovery-codes', (route) =>
    route.fulfill({ status: 403, contentType: 'application/problem+json', json: { code: 'step-up-needed' } }),
  )
  await page.getByRole('button', { name: 'Make new recovery codes' }).click()
  await expect(page.getByRole('alertdialog', { name: 'Is it you?' })).toBeVisible()
  await picture(page, 'step-up')
  const other = await visitor()
  await enterPassword(other, 'ada')
  await expect(other.getByRole('heading', { name: 'Enter your code' })).toBeVisible()
  await picture(other, 'second-step')
})

test('sessions and API tokens, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'grace')
  await approve(admin, 'grace')
  await signIn(page, 'grace')
  await signIn(await visitor(), 'grace')
  await page.goto('/account')
  await expect(page.getByText('This one')).toBeVisible()
  await picture(page, 'sessions', 'Sessions')
  await page.goto('/tokens')
  for (const [name, location] of [['Reports on the build server', 'Shared'], ['Laptop', 'Home']]) {
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name ?? '')
    await page.getByRole('checkbox', { name: location ?? '' }).focus()
    await page.keyboard.press('Space')
    if (name === 'Laptop') {
      await page.getByRole('checkbox', { name: 'Upload and replace' }).focus()
      await page.keyboard.press('Space')
    }
    await page.getByRole('button', { name: 'Make an API token' }).click()
    await expect(page.getByRole('alertdialog')).toBeVisible()
    if (name === 'Laptop') await picture(page, 'api-token')
    await page.getByRole('button', { name: 'I have kept the token' }).click()
  }
  await picture(page, 'api-tokens')
  await admin.goto('/people')
  await admin.getByRole('button', { name: 'Actions for grace' }).click()
  await admin.getByRole('menuitem', { name: 'Grants' }).click()
  await expect(admin.getByRole('row', { name: /Reports on the build server/ })).toBeVisible()
  await picture(admin, 'person-carries', 'API tokens')
  await admin.goto('/people')
  await admin.getByRole('button', { name: 'Actions for grace' }).click()
  await admin.getByRole('menuitem', { name: 'Sessions', exact: true }).click()
  await expect(admin.getByRole('dialog', { name: 'Sessions of grace' })).toBeVisible()
  await picture(admin, 'sessions-of-a-person')
})

test('groups, grants and invitations, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  for (const name of ['grace', 'edsger', 'barbara']) {
    await register(page, name)
    await approve(admin, name)
  }
  await admin.goto('/groups')
  for (const group of ['Harbour office', 'Auditors']) {
    await admin.getByRole('textbox', { name: 'Name of the group' }).fill(group)
    await admin.getByRole('button', { name: 'Make group' }).click()
    await expect(admin.getByRole('region', { name: group })).toBeVisible()
  }
  for (const name of ['grace', 'edsger']) {
    await admin.getByRole('button', { name: /Put somebody into Harbour office/ }).click()
    await admin.getByRole('option', { name }).click()
    await expect(admin.getByText(`${name} is in Harbour office now.`)).toBeVisible()
  }
  await picture(admin, 'groups')
  await admin.goto('/grants')
  await admin.getByText('Whoever is in the group, for as long as they are.').click()
  await admin.getByRole('button', { name: /Group$/ }).click()
  await admin.getByRole('option', { name: 'Harbour office' }).click()
  await admin.getByRole('textbox', { name: 'Folder' }).fill('harbour/')
  await admin.getByRole('textbox', { name: 'Title' }).fill('Port calls')
  await admin.getByLabel('Until').last().fill('2090-12-31')
  await admin.getByRole('button', { name: 'Add grant' }).click()
  await expect(admin.getByRole('row', { name: /Port calls/ })).toBeVisible()
  await picture(admin, 'grants')
  await admin.goto('/people')
  await admin.getByRole('button', { name: 'Actions for grace' }).click()
  await admin.getByRole('menuitem', { name: 'Grants' }).click()
  await expect(admin.getByRole('table', { name: 'What this person can reach' })).toContainText('Port calls')
  await picture(admin, 'person')
  await admin.getByRole('button', { name: 'Remove grant Home' }).click()
  await admin.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
  await expect(admin.getByRole('button', { name: 'Undo' })).toBeVisible()
  await picture(admin, 'undo')
  await admin.goto('/invitations')
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill('donald')
  await admin.getByRole('button', { name: 'Add a grant' }).click()
  await admin.getByRole('textbox', { name: 'Folder' }).fill('harbour/')
  await admin.getByRole('textbox', { name: 'Title' }).fill('Port calls')
  await picture(admin, 'invitation-form', 'Make an invitation')
  await admin.getByRole('button', { name: 'Make an invitation' }).click()
  const made = admin.getByRole('alertdialog', { name: 'The invitation is made' })
  const link = (await made.getByRole('region', { name: 'Link' }).textContent())?.trim() ?? ''
  await picture(admin, 'invitation-link')
  await made.getByRole('button', { name: 'I have kept the link' }).click()
  await picture(admin, 'invitations')
  await page.goto(link)
  await expect(page.getByText('Your name here is donald.')).toBeVisible()
  await picture(page, 'invited')
  for (const [name, answer] of [
    ['password-too-short', { status: 202, json: { expires: '2090-01-01T00:00:00Z', totp: false, passkey: false, new_password: '/new-password#token=0' } }],
    ['sign-in-closed', { status: 403, contentType: 'application/problem+json', json: { code: 'password-sign-in-closed' } }],
  ] as const) {
    await page.route('**/api/v1/session', (route) => (route.request().method() === 'POST' ? route.fulfill(answer) : route.fallback()))
    await enterPassword(page, 'grace')
    await expect(page.getByText(/Set a longer password|Too many attempts with this name/)).toBeVisible()
    await picture(page, name)
    await page.unroute('**/api/v1/session')
  }
  await signIn(page, 'grace')
  await picture(page, 'locations-by-group')
})

test('the list and what is around it, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const folder = join(house.folder, 'Port calls')
  await folderOfFiles(folder, 24)
  await page.getByTestId('pick-folder').setInputFiles(folder)
  const names = ['Manifest 2026.pdf', 'Invoice 0007.xlsx', 'Survey.csv', 'Harbour.jpg', 'Minutes.md']
  const buffers = names.map((name, n) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(3 ** (n + 6), n) }))
  await page.getByTestId('pick-files').setInputFiles(buffers)
  await expect(page.getByText('29 of 29 done')).toBeVisible({ timeout: 60_000 })
  await page.getByTestId('pick-files').setInputFiles({ name: 'Survey.csv', mimeType: 'text/csv', buffer: Buffer.alloc(5_000, 7) })
  await expect(page.getByRole('alertdialog')).toBeVisible()
  await picture(page, 'conflict')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Skip' }).click()
  await page.getByRole('button', { name: 'Clear finished' }).click()
  await page.getByRole('row', { name: /Survey/ }).click()
  await page.keyboard.press('Shift+F10')
  await expect(page.getByRole('menu')).toBeVisible()
  await picture(page, 'context-menu')
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
  await picture(page, 'shortcuts')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('searchbox', { name: 'A folder, a page or a command' })).toBeFocused()
  await page.keyboard.type('po')
  await expect(page.getByRole('menuitem', { name: /Port calls/ })).toBeVisible()
  await picture(page, 'palette')
  await page.keyboard.press('Escape')
  await page.getByRole('row', { name: /Port calls/ }).dblclick()
  await page.getByRole('button', { name: 'Add to favourites' }).click()
  await page.getByRole('row', { name: /letters/ }).dblclick()
  await page.goto('/')
  await expect(page.getByRole('region', { name: 'Favourites' })).toBeVisible()
  await picture(page, 'favourites')
  await openLocation(page, /Home/)
  await page.getByRole('button', { name: /account menu/ }).click()
  await page.getByRole('menuitem', { name: 'Deutsch' }).click()
  await page.getByRole('row', { name: /Survey/ }).click()
  await picture(page, 'files-german')
})

test('files looked at, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const minutes = '# Minutes of the harbour office\n\nPresent: *Grace*, **Edsger**, Barbara.\n\n## Tides\n\n| Port | High | Metres |\n|---|---|--:|\n| East | 06:12 | 4.2 |\n| West | 06:40 | 3.9 |\n\n- [x] Dredge the basin\n- [ ] Repaint the [light](https://example.org/light)\n\n> Nothing may be moored at the north wall.\n\n```sh\naws s3 ls s3://wellhouse/\n```\n'
  const table = `port,ship,tons\n${Array.from({ length: 30 }, (_, n) => `${n % 2 === 0 ? 'East' : 'West'},Vessel ${n},${n * 17}`).join('\n')}`
  await uploadAll(page, [made('Harbour.png', png(900, 600)), made('Manifest.pdf', pdf('Manifest 2026')), made('Minutes.md', minutes), made('Ships.csv', table), made('tide.rs', '/// Metres above the datum.\npub fn tide(hour: u32) -> f64 {\n    let phase = f64::from(hour) / 12.4; // hours\n    4.2 * phase.cos()\n}\n')])
  await page.getByRole('row', { name: /Harbour\.png/ }).dblclick()
  const dialog = page.getByRole('dialog')
  for (const [name, file] of [['preview-picture', 'Harbour.png'], ['preview-pdf', 'Manifest.pdf'], ['preview-markdown', 'Minutes.md'], ['preview-table', 'Ships.csv'], ['preview-code', 'tide.rs']]) {
    await expect(dialog.getByRole('heading', { name: file ?? '', exact: true })).toBeVisible()
    await expect(dialog.getByText('Loading…')).toHaveCount(0)
    await page.waitForTimeout(1500)
    await picture(page, name ?? '')
    if (file !== 'tide.rs') await dialog.getByRole('button', { name: 'Next file' }).click()
  }
  await dialog.getByRole('button', { name: 'Edit' }).click()
  await expect(dialog.getByRole('textbox')).toBeFocused()
  await page.keyboard.type('//! Tides.\n')
  await picture(page, 'preview-editor')
})

test('asking for access and giving it, wide and narrow, light and dark', async ({ house, visitor }) => {
  test.setTimeout(300_000)
  await mkdir(IMAGES, { recursive: true })
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'grace')
  await approve(admin, 'grace')
  await signIn(page, 'grace')
  await openLocation(page, /Shared/)
  for (const action of ['s3:PutObject', 's3:DeleteObject']) {
    await page.locator('.reason', { hasText: action }).getByRole('button', { name: 'Ask for access' }).click()
    const dialog = page.getByRole('dialog', { name: 'Ask for access' })
    await dialog.getByRole('textbox', { name: 'Why you need it' }).fill('The minutes of the harbour office go here every Monday.')
    if (action === 's3:PutObject') await picture(page, 'asking')
    await dialog.getByRole('button', { name: 'Ask', exact: true }).click()
    await expect(dialog).toHaveCount(0)
  }
  await page.goto('/')
  await expect(page.getByRole('table', { name: 'What you asked for' })).toBeVisible()
  await picture(page, 'asked')
  await admin.goto('/requests')
  await expect(admin.getByRole('row', { name: /grace/ }).first()).toBeVisible()
  await picture(admin, 'requests')
})

test.describe('with mail', () => {
  test.use({ settings: MAIL_INTO_FILES })

  test('the pages of mail, wide and narrow, light and dark', async ({ house, visitor }) => {
    test.setTimeout(300_000)
    const admin = await visitor()
    await setUp(admin, house)
    await admin.goto('/settings')
    await admin.getByRole('radio', { name: 'Everyone, at once' }).check({ force: true })
    await admin.getByText('E-mail addresses are checked').click()
    await admin.getByRole('button', { name: 'Save' }).click()
    await expect(admin.getByText('Saved', { exact: false })).toBeVisible()
    await admin.reload()
    await expect(admin.getByText('No mail waits, and none was given up within a week.')).toBeVisible()
    await picture(admin, 'settings')
    const page = await visitor()
    await page.goto('/forgotten-password')
    await expect(page.getByRole('button', { name: 'Send a link' })).toBeVisible()
    await picture(page, 'forgotten-password')
    await page.goto('/register')
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('grace')
    await page.getByRole('textbox', { name: 'E-mail' }).fill('grace@example.org')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Create an account' }).click()
    await expect(page.getByRole('heading', { name: 'Look into your mail' })).toBeVisible()
    await picture(page, 'look-into-mail')
    await page.goto(linkIn(await mailTo(house, 'grace@example.org', 'Confirm your mail address')))
    await expect(page.getByRole('button', { name: 'Confirm the address' })).toBeVisible()
    await picture(page, 'mail-check')
    await page.getByRole('button', { name: 'Confirm the address' }).click()
    await signIn(page, 'grace')
    await page.goto('/account')
    await expect(page.getByRole('region', { name: 'E-mail' })).toContainText('Confirmed')
    await picture(page, 'email', 'E-mail')
  })
})
