/** What is seldom met: folders where one may do little, a phone in the hand, what the system asks of the looks. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { folderOfFiles } from './support/files'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'

const post = { headers: { 'sec-fetch-site': 'same-origin' } }

/** Drags files over the page, and maybe lets them go. */
async function drag(page: Page, files: string[], types: readonly ('dragEnter' | 'dragOver' | 'drop')[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  for (const type of types) await session.send('Input.dispatchDragEvent', { type, x: 600, y: 500, data: { items: [], files, dragOperationsMask: 1 } })
  await session.detach()
}

async function paste(page: Page): Promise<void> {
  await page.getByRole('main').evaluate((main) => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['picture'], 'image.png', { type: 'image/png' }))
    main.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  })
}

test('where one may not upload, may only upload, and where nothing is yet', async ({ house, visitor }) => {
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  const { people } = await (await admin.request.get('/api/v1/people')).json()
  const { uid } = people.find((person: { name: string }) => person.name === 'bob')
  const given = await admin.request.post('/api/v1/grants', { ...post, data: { to: { kind: 'person', uid }, role: 'UploadRole', prefix: 'inbox/', title: 'Inbox' } })
  expect(given.status(), await given.text()).toBe(201)
  await signIn(page, 'bob')
  const folder = join(house.folder, 'dropped')
  await folderOfFiles(folder, 2)
  const tray = page.getByRole('region', { name: 'Uploads', exact: true })

  await test.step('what is dropped or pasted there is refused, with the reason', async () => {
    await openLocation(page, /Shared/)
    await expect(page.getByText('You can look here, but not upload.')).toBeVisible()
    await drag(page, [folder], ['dragEnter', 'dragOver'])
    const veil = page.locator('.drop-veil')
    await expect(veil).toContainText('You may not upload here')
    await expect(veil).toContainText(/s3:PutObject/)
    await drag(page, [folder], ['drop'])
    await expect(veil).toHaveCount(0)
    await paste(page)
    await expect(page.getByText(/does not allow s3:PutObject/).first()).toBeVisible()
    await page.waitForTimeout(500)
    await expect(tray).toHaveCount(0)
  })

  await test.step('a drop box says that one sees nothing and can send, and takes what is sent', async () => {
    await page.goto('/')
    await page.getByRole('main').getByRole('link', { name: 'Open Inbox' }).click()
    await expect(page.getByText('You may not see what is in this folder, but you can upload to it.')).toBeVisible()
    await expect(page.getByText('This folder is empty')).toHaveCount(0)
    await page.getByTestId('pick-files').setInputFiles({ name: 'letter.txt', mimeType: 'text/plain', buffer: Buffer.from('letter') })
    await expect(tray).toContainText('1 of 1 done', { timeout: 30_000 })
    const { locations } = await (await admin.request.get('/api/v1/locations')).json()
    const whole = locations.find(({ prefix }: { prefix: string }) => prefix === '')
    const { entries } = await (await admin.request.get(`/api/v1/locations/${whole.id}/entries?path=inbox/`)).json()
    expect(entries.map(({ name }: { name: string }) => name)).toEqual(['letter.txt'])
  })

  await test.step('an empty folder of their own asks for files', async () => {
    await openLocation(page, /Home/)
    await expect(page.getByText('Drop files or folders here, or press Upload.')).toBeVisible()
  })
})

test('on a phone a finger goes to a folder, opens a file, and sees more about it', async ({ house, visitor, browser }) => {
  const desk = await visitor()
  await setUp(desk, house, { twoStep: false })
  await openLocation(desk, /Home/)
  await desk.getByTestId('pick-files').setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('a note') })
  await expect(desk.getByText('1 of 1 done')).toBeVisible({ timeout: 30_000 })
  const storageState = await desk.context().storageState()
  const context = await browser.newContext({ baseURL: house.portal, storageState, hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } })
  const phone = await context.newPage()
  await phone.goto('/keys')
  const navigation = phone.getByRole('navigation', { name: 'Main' })
  const menu = phone.getByRole('button', { name: 'Menu', exact: true })
  await expect(menu).toHaveAttribute('aria-pressed', 'false')
  await expect(navigation).toBeHidden()
  await menu.tap()
  await expect(navigation).toBeVisible()
  await navigation.getByRole('link', { name: 'Home' }).tap()
  await expect(phone.getByRole('grid', { name: 'Contents of Home' })).toBeVisible()
  await expect(navigation).toBeHidden()

  const row = phone.getByRole('row', { name: /note\.txt/ })
  await row.tap()
  await expect(row).toHaveAttribute('aria-selected', 'true')
  const sheet = phone.getByRole('complementary', { name: 'Details' })
  await expect(sheet).toHaveCount(0)
  await phone.getByRole('button', { name: 'Details' }).tap()
  await expect(sheet).toContainText('note.txt')
  const box = await sheet.boundingBox()
  expect(box?.width).toBe(390)
  await sheet.getByRole('button', { name: 'Preview' }).tap()
  await expect(phone.getByRole('dialog')).toContainText('a note')
  await phone.getByRole('dialog').getByRole('button', { name: 'Close' }).tap()
  await sheet.getByRole('button', { name: 'Close' }).tap()
  await expect(sheet).toHaveCount(0)
  await context.close()
})

/**
 * When the page first had its line about loading, and when that was to be seen; milliseconds of the
 * clock that animations go by: a frame that is late begins them earlier than others see.
 */
function watchLoading(): void {
  const times = { there: 0, shown: 0 }
  Reflect.set(window, 'loadingTimes', times)
  // Told at once, and not with the next frame, which is late where the machine is busy.
  const added = new MutationObserver(() => {
    if (document.querySelector('.loading') !== null) times.there ||= Number(document.timeline.currentTime)
  })
  added.observe(document, { childList: true, subtree: true })
  const look = (): void => {
    const line = document.querySelector('.loading')
    if (line !== null) {
      if (getComputedStyle(line).visibility === 'visible') times.shown ||= Number(document.timeline.currentTime)
    }
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

test('the looks are what the person chose, motion is what the system asks for, and loading is said late', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const ground = (): Promise<number> => page.evaluate(() => {
    const pen = document.createElement('canvas').getContext('2d')
    if (pen === null) return -1
    pen.fillStyle = getComputedStyle(document.body).backgroundColor
    pen.fillRect(0, 0, 1, 1)
    return pen.getImageData(0, 0, 1, 1).data[1] ?? -1
  })
  await page.goto('/account')
  expect(await ground(), 'light, as the system says').toBeGreaterThan(200)
  await page.getByText('Dark', { exact: true }).click()
  await expect.poll(ground).toBeLessThan(60)
  await page.reload()
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked()
  expect(await ground(), 'dark, whatever the system says').toBeLessThan(60)
  await page.getByText('As the system', { exact: true }).click()
  await expect.poll(ground).toBeGreaterThan(200)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(ground).toBeLessThan(60)

  await page.addInitScript(watchLoading)
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    await page.emulateMedia({ reducedMotion })
    await page.route('**/entries?*', async (route) => {
      await new Promise((over) => setTimeout(over, 1_000))
      await route.continue()
    })
    await page.goto('/')
    await page.getByRole('main').getByRole('link', { name: /Home/ }).first().click()
    await expect(page.getByText('This folder is empty')).toBeVisible()
    await page.unrouteAll()
    const { there, shown } = await page.evaluate(() => Reflect.get(window, 'loadingTimes'))
    expect(shown - there, `loading, with ${reducedMotion}`).toBeGreaterThan(150)
  }
  const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter((box) => getComputedStyle(box).transitionProperty !== 'none').length)
  expect(moving, 'what moves though less motion was asked for').toBe(0)
})
