/** A folder as it was: shown with what has become of it, looked at, and brought back. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { fill, keysFor } from './support/filling'
import { expect, openLocation, setUp, test } from './support/test'
import { locationAt } from './support/uploading'

const text = (words: string): Buffer => Buffer.from(words)

/** This second, of which nothing is written any more when it is given. */
async function moment(page: Page): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  await page.waitForTimeout(1_100)
  return `${new Date(now * 1000).toISOString().slice(0, 19)}Z`
}

async function remove(page: Page, location: string, path: string): Promise<void> {
  const answer = await page.request.post(`/api/v1/locations/${location}/delete`, { headers: { 'sec-fetch-site': 'same-origin' }, data: { paths: [path] } })
  expect(answer.status()).toBe(200)
}

test('a folder is seen as it was, looked at by the keyboard, and brought back', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house)
  const home = await locationAt(page, /^home\//)
  const keys = await keysFor(page, home)
  await fill(house.s3, keys, [
    ['plans/moor.md', text('moor at nine')],
    ['plans/lost.txt', text('do not lose')],
    ['plans/deep/x.txt', text('x')],
  ])
  const at = await moment(page)
  await fill(house.s3, keys, [
    ['plans/moor.md', text('moor at ten')],
    ['plans/later.txt', text('later')],
  ])
  await remove(page, home, 'plans/lost.txt')
  const list = page.getByRole('list', { name: 'What was there' })
  const line = (name: string) => list.getByRole('listitem').filter({ hasText: name })

  await test.step('a moment is asked for', async () => {
    await openLocation(page, /Home/)
    await page.getByRole('row', { name: /plans/ }).dblclick()
    await expect(page.getByRole('row', { name: /moor/ })).toBeVisible()
    await page.getByRole('button', { name: 'As it was…' }).click()
    await expect(page.getByRole('heading', { name: 'plans as it was', level: 1 })).toBeVisible()
    const field = page.getByLabel('Date and time')
    await expect(field).toBeFocused()
    await check(page, 'a moment that is asked for')
    await field.fill('2999-01-01T00:00')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Choose a moment that has passed.')).toBeVisible()
    await field.fill('2020-01-01T00:00')
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await expect(page.getByText(/The bucket keeps what was replaced or deleted only since/)).toBeVisible()
    await expect(line('moor.md')).toContainText('Added since')
  })

  await test.step('an address shows it, and what has become of it', async () => {
    await page.goto(`/past/${home}/plans?at=${encodeURIComponent(at)}`)
    await expect(page.getByText(/^As it was on/)).toBeVisible()
    await expect(list.getByRole('listitem')).toHaveCount(4)
    await expect(line('moor.md')).toContainText('Changed since')
    await expect(line('lost.txt')).toContainText('Deleted since')
    await expect(line('later.txt')).toContainText('Added since')
    await expect(line('deep')).not.toContainText('since')
    await check(page, 'a folder as it was')
  })

  await test.step('a file is looked at as it was, and a folder in it keeps the moment', async () => {
    await page.getByRole('button', { name: 'Look at moor.md as it was' }).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog').getByText('moor at nine')).toBeVisible()
    await check(page, 'a file as it was')
    await page.keyboard.press('Escape')
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download lost.txt as it was' }).click()])
    expect(saved.suggestedFilename()).toBe('lost.txt')
    await list.getByRole('link', { name: 'deep' }).click()
    await expect(line('x.txt')).toBeVisible()
    expect(new URL(page.url()).searchParams.get('at')).toBe(at)
    await page.getByRole('navigation', { name: 'Folders above' }).getByRole('link', { name: 'plans' }).click()
    await expect(line('moor.md')).toBeVisible()
  })

  await test.step('one file is brought back', async () => {
    await expect(page.getByRole('button', { name: 'Bring back selected' })).toHaveAttribute('aria-disabled', 'true')
    await page.getByRole('checkbox', { name: 'Select lost.txt' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Bring back selected' }).click()
    await expect(page.getByRole('alertdialog', { name: /Bring back 1 item as of/ })).toBeVisible()
    await check(page, 'the question before something is brought back')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Bring back', exact: true }).click()
    await expect(page.getByText('1 file brought back to that moment.')).toBeVisible({ timeout: 30_000 })
    await expect(line('lost.txt')).not.toContainText('since')
    await expect(line('moor.md')).toContainText('Changed since')
  })

  await test.step('the whole folder, with what was added since to the trash', async () => {
    await page.getByRole('button', { name: 'Bring back the whole folder' }).click()
    await page.getByRole('checkbox', { name: 'Also move to the trash what was added since' }).focus()
    await page.keyboard.press('Space')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Bring back', exact: true }).click()
    await expect(page.getByText(/^2 files/)).toBeVisible({ timeout: 30_000 })
    await expect(list.getByRole('listitem')).toHaveCount(3)
    await expect(page.getByText(/since$/)).toHaveCount(0)
    await page.getByRole('link', { name: 'Back to the folder as it is' }).click()
    await expect(page.getByRole('row', { name: /moor/ })).toBeVisible()
    await expect(page.getByRole('row', { name: /later/ })).toHaveCount(0)
  })

  await test.step('in German, on a phone, nothing is wider than the screen', async () => {
    await page.getByRole('button', { name: /account menu of ada/ }).click()
    await page.getByRole('menuitem', { name: 'Deutsch' }).click()
    await page.goto(`/past/${home}/plans?at=${encodeURIComponent(at)}`)
    await expect(page.getByRole('heading', { name: 'plans: früherer Stand', level: 1 })).toBeVisible()
    await expect(page.getByRole('list', { name: 'Was da war' }).getByRole('listitem')).toHaveCount(3)
    await page.setViewportSize({ width: 320, height: 700 })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(overflow).toBeLessThanOrEqual(0)
    await check(page, 'a folder as it was, in German on a phone')
  })
})
