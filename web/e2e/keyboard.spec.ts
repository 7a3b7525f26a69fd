/** The work of a day without a mouse: everything that has the focus got it by Tab or by a key, from signing in to leaving. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { PASSWORD } from './support/house'
import { expect, openLocation, setUp, test } from './support/test'
import { uploadAll } from './support/uploading'
import { keepNoVersions } from './support/versions'

const TABS_MAX = 60

/** What has the focus, as assistive technology names it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const at = document.activeElement
    return at === null ? '' : (at.getAttribute('aria-label') ?? (at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : undefined) ?? at.textContent ?? '').trim()
  })
}

/** Presses Tab until something of this name has the focus, and shows that it is to be seen there. */
async function tabTo(page: Page, name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const way: string[] = []
  for (let n = 0; n < TABS_MAX; n += 1) {
    const now = await focused(page)
    if (name.test(now)) return
    way.push(now)
    await page.keyboard.press(key)
  }
  throw new Error(`Tab came to ${way.join(' | ')}, and not to ${name}`)
}

/** Whether somebody who looks sees where the focus is. */
function ring(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const at = document.activeElement
    if (at === null || at === document.body) return false
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(at)
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
  })
}

async function pressed(page: Page, name: RegExp): Promise<void> {
  await tabTo(page, name)
  expect(await ring(page), `the focus on ${name} is to be seen`).toBe(true)
  await page.keyboard.press('Enter')
}

test('from signing in to deleting by Tab and keys alone', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house, { twoStep: false })
  const page = await visitor()
  await page.goto('/sign-in')
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible()
  await tabTo(page, /^Name$/)
  await page.keyboard.type('ada')
  await page.keyboard.press('Tab')
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Your locations' })).toBeVisible()

  await test.step('past the navigation into a location', async () => {
    await tabTo(page, /^Skip to content$/)
    await page.keyboard.press('Enter')
    await pressed(page, /^Open Home/)
    await expect(page.getByRole('grid', { name: 'Contents of Home' })).toBeVisible()
  })

  await test.step('upload', async () => {
    await pressed(page, /^Upload$/)
    await expect(page.getByRole('menuitem', { name: 'Upload files' })).toBeFocused()
    const chooser = page.waitForEvent('filechooser')
    await page.keyboard.press('Enter')
    await (await chooser).setFiles(['one', 'two'].map((name) => ({ name: `${name}.txt`, mimeType: 'text/plain', buffer: Buffer.from(name) })))
    await expect(page.getByText('2 of 2 done')).toBeVisible({ timeout: 30_000 })
  })

  await test.step('a folder, made, gone into and left', async () => {
    await tabTo(page, /^New folder$/, 'Shift+Tab')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Folder name' })).toBeFocused()
    await page.keyboard.type('attic')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('row', { name: /attic/ })).toBeVisible()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await tabTo(page, /^Contents of Home/)
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('grid', { name: 'Contents of attic' })).toBeFocused()
    await page.keyboard.press('Backspace')
    await expect(page.getByRole('grid', { name: 'Contents of Home' })).toBeFocused()
  })

  await test.step('select, and download by the menu', async () => {
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Shift+F10')
    await expect(page.getByRole('menuitem', { name: /^Open/ })).toBeFocused()
    const download = page.waitForEvent('download')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const got = await download
    expect(await readFile(await got.path(), 'utf8')).toBe('one')
    await expect(page.getByRole('grid')).toBeFocused()
  })

  await test.step('details, shut and opened', async () => {
    const details = page.getByRole('complementary', { name: 'Details' })
    await expect(details).toContainText('one.txt')
    await tabTo(page, /^Details$/, 'Shift+Tab')
    await page.keyboard.press('Enter')
    await expect(details).toHaveCount(0)
    await page.keyboard.press('Enter')
    await expect(details).toBeVisible()
  })

  await test.step('delete, and undo', async () => {
    await tabTo(page, /^Contents of Home/)
    await page.keyboard.press('Delete')
    await expect(page.getByRole('row', { name: /one\.txt/ })).toHaveCount(0)
    await expect(page.getByText('1 file deleted.')).toBeVisible()
    await pressed(page, /^Undo$/)
    await expect(page.getByRole('row', { name: /one\.txt/ })).toBeVisible()
  })

  await test.step('delete where no versions are kept', async () => {
    await keepNoVersions(house)
    // What becomes of a deletion is asked once in a while.
    await page.reload()
    await expect(page.getByRole('row', { name: /one\.txt/ })).toBeVisible()
    await tabTo(page, /^Contents of Home/)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Delete')
    await expect(page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' })).toBeFocused()
    await tabTo(page, /^Delete$/)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('row', { name: /one\.txt/ })).toHaveCount(0)
    await expect(page.getByRole('alertdialog')).toHaveCount(0)
  })
})

test('letters, signs and pages act where they should, and nowhere else', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await page.setViewportSize({ width: 1360, height: 420 })
  const names = Array.from({ length: 30 }, (_, n) => `${'abcdefghijklmnopqrstuvwxyz'[n % 26]}${n}.txt`)
  await uploadAll(page, names.map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') })))
  const selected = (): Promise<string[]> => page.locator('.row[aria-selected=true] .name').allTextContents()
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' })

  await test.step('without the focus in the list they do nothing', async () => {
    await page.getByRole('button', { name: 'Reload' }).focus()
    for (const key of ['c', '/', '?', 'Delete', 'Backspace', 'Control+a', 'Home']) await page.keyboard.press(key)
    await page.getByRole('searchbox', { name: 'Filter this folder' }).focus()
    for (const key of ['?', '/', 'Control+a', 'Backspace', 'Delete']) await page.keyboard.press(key)
    await page.waitForTimeout(300)
    expect(await selected()).toEqual([])
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page.getByRole('alertdialog')).toHaveCount(0)
    await expect(page.getByRole('grid', { name: 'Contents of Home' })).toBeVisible()
    await expect(page.getByRole('searchbox', { name: 'Filter this folder' })).toHaveValue('')
  })

  await test.step('a screenful down, and the same with the key of a Mac', async () => {
    await page.getByRole('grid').focus()
    await page.keyboard.press('Home')
    const [first] = await selected()
    await page.keyboard.press('PageDown')
    const [below] = await selected()
    await page.keyboard.press('PageUp')
    expect(await selected()).toEqual([first])
    const shown = names.toSorted().indexOf(below ?? '')
    expect(shown).toBeGreaterThan(1)
    expect(shown).toBeLessThan(15)
    await page.keyboard.press('Meta+a')
    await expect(page.locator('.status').getByRole('status')).toHaveText(/^30 selected/)
    await page.keyboard.press('Home')
    await page.keyboard.press('Meta+k')
    await expect(page.getByRole('searchbox', { name: 'A folder, a page or a command' })).toBeFocused()
    await page.keyboard.press('Escape')
  })

  await test.step('and they can be switched off, in the browser for as long as one is signed in', async () => {
    await page.getByRole('grid').focus()
    await page.keyboard.press('?')
    await help.getByRole('checkbox').focus()
    await page.keyboard.press(' ')
    await page.keyboard.press('Escape')
    await page.reload()
    await expect(page.getByTestId('count')).toHaveText('30 items')
    await page.getByRole('grid').focus()
    await page.keyboard.press('Home')
    for (const key of ['c', '/', '?']) await page.keyboard.press(key)
    expect(await selected()).toEqual(['a0.txt'])
    await expect(page.getByRole('grid')).toBeFocused()
    await expect(help).toHaveCount(0)
    await page.keyboard.press('Delete')
    await expect(page.getByTestId('count')).toHaveText('29 items')
  })
})
