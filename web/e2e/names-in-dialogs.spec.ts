/** A name that hides what it is, where somebody is asked about it; and what is said of both files when one is there already. */
import { utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { made } from './support/media'
import { expect, openLocation, setUp, test } from './support/test'
import { uploadAll } from './support/uploading'
import { keepNoVersions } from './support/versions'

/** Shown as it is, it would read `photoexe.jpg`. */
const HIDING = 'photo\u202Egpj.exe'
const SPELT = 'photo⟨U+202E⟩gpj.exe'

/** Whether any text of the page, or any label, has the character that turns the rest around. */
function turned(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const labels = [...document.querySelectorAll('[aria-label], [title]')].map((one) => `${one.getAttribute('aria-label')} ${one.getAttribute('title')}`)
    return [document.body.innerText, ...labels].some((text) => text.includes('\u202E'))
  })
}

test('a name that hides its ending is spelt out in every question about it', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Everything/)
  await page.getByTestId('pick-files').setInputFiles([made(HIDING, 'one')])
  const row = page.getByRole('row', { name: SPELT })
  await expect(row).toBeVisible({ timeout: 30_000 })
  await page.getByRole('button', { name: 'Clear finished' }).click()

  await test.step('when it is there already', async () => {
    await page.getByTestId('pick-files').setInputFiles([made(HIDING, 'another')])
    const question = page.getByRole('alertdialog', { name: `“${SPELT}” already exists` })
    await expect(question).toContainText('photo⟨U+202E⟩gpj (2).exe')
    expect(await turned(page)).toBe(false)
    await question.getByRole('button', { name: 'Skip' }).click()
  })

  await test.step('when it is renamed', async () => {
    await row.click()
    await page.keyboard.press('F2')
    const field = page.getByRole('textbox', { name: `New name for ${SPELT}` })
    await expect(field).toBeFocused()
    await expect(field).toHaveAttribute('title', SPELT)
    expect(await turned(page)).toBe(false)
    await page.keyboard.press('Escape')
  })

  await test.step('when it is deleted, and for ever', async () => {
    await row.click()
    await page.keyboard.press('Delete')
    await expect(row).toHaveCount(0)
    await page.getByRole('button', { name: 'Trash', exact: true }).click()
    await page.getByRole('checkbox', { name: `Select ${SPELT}` }).click({ force: true })
    await page.getByRole('button', { name: 'Delete for ever' }).click()
    const question = page.getByRole('alertdialog')
    expect(await turned(page)).toBe(false)
    await question.getByRole('textbox', { name: `Type ${SPELT} to go on` }).fill(SPELT)
    await question.getByRole('button', { name: 'Delete for ever' }).click()
    await expect(page.getByText('1 file deleted for ever.')).toBeVisible()
  })

  await test.step('where nothing is kept', async () => {
    await keepNoVersions(house)
    await openLocation(page, /Everything/)
    await page.getByTestId('pick-files').setInputFiles([made(HIDING, 'once more')])
    await expect(row).toBeVisible({ timeout: 30_000 })
    await row.click()
    await page.keyboard.press('Delete')
    await expect(page.getByRole('alertdialog', { name: `Delete “${SPELT}”?` })).toBeVisible()
    expect(await turned(page)).toBe(false)
  })
})

test('who is asked about a file that is there sees how large and how old both are', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [made('minutes.md', 'twelve bytes')])
  const mine = join(house.folder, 'minutes.md')
  await writeFile(mine, 'older')
  const then = new Date('2020-03-04T05:06:00')
  await utimes(mine, then, then)
  await page.getByTestId('pick-files').setInputFiles(mine)
  const question = page.getByRole('alertdialog', { name: '“minutes.md” already exists' })
  const facts = question.locator('dd')
  const year = String(new Date().getFullYear())
  await expect(facts).toHaveText([new RegExp(`^12 B, .*${year}`), /^5 B, .*2020/])
  await question.getByRole('button', { name: 'Keep both' }).click()
  await expect(page.getByRole('row', { name: 'minutes (2).md' })).toBeVisible({ timeout: 30_000 })
})
