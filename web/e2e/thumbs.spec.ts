/** Pictures made small: in the rows and the details, from the store's bytes, within limits, and as pixels alone. */
import type { Page } from '@playwright/test'
import { fill, keysFor } from './support/filling'
import { approve, expect, openLocation, register, setUp, signIn, test } from './support/test'
import { made, png } from './support/media'
import { locationAt, uploadAll } from './support/uploading'
import { denyReading } from './support/versions'

/** A picture that says that it is of 900 million pixels. */
function bomb(): Buffer {
  const picture = png(8, 8)
  picture.writeUInt32BE(30_000, 16)
  picture.writeUInt32BE(30_000, 20)
  return picture
}

test('pictures are shown small, and what is too large, or none, has its icon', async ({ house, visitor }) => {
  test.setTimeout(120_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const fetched: string[] = []
  page.on('request', (request) => request.method() === 'GET' && /\.png/.test(request.url()) && fetched.push(new URL(request.url()).origin))
  await uploadAll(page, [made('crane.png', png(1_200, 600)), made('bomb.png', bomb()), made('page.png', '<script>alert(1)</script>'), made('notes.txt', 'words')])
  const thumb = page.getByRole('row', { name: /crane\.png/ }).locator('canvas.thumb')
  await expect(thumb).toBeVisible({ timeout: 30_000 })
  const corner = await thumb.evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) return undefined
    const [r = 0, , b = 0] = canvas.getContext('2d')?.getImageData(canvas.width - 2, 2, 1, 1).data ?? []
    return { width: canvas.width, height: canvas.height, red: r > 200, blue: b > 100 }
  })
  expect(corner).toEqual({ width: 256, height: 128, red: true, blue: true })
  await expect.poll(() => fetched.length, { timeout: 30_000 }).toBe(3)
  await page.waitForTimeout(1_000)
  for (const name of [/bomb\.png/, /page\.png/, /notes\.txt/]) {
    await expect(page.getByRole('row', { name }).locator('svg.ic')).toBeVisible()
    await expect(page.getByRole('row', { name }).locator('canvas')).toHaveCount(0)
  }
  expect(new Set(fetched), 'from the store alone').toEqual(new Set([house.s3]))
  await expect(page.getByRole('grid').locator('img')).toHaveCount(0)

  await page.getByRole('row', { name: /crane\.png/ }).click()
  await expect(page.getByRole('complementary', { name: 'Details' }).locator('canvas.thumb')).toBeVisible()
  await page.waitForTimeout(1_000)
  expect(fetched.filter((origin) => origin === house.s3), 'made once').toHaveLength(3)
})

/** A photo that a camera took on its side: 400 by 300 as stored, turned by a quarter when it is shown. */
async function portrait(page: Page): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 400
    canvas.height = 300
    return canvas.toDataURL('image/jpeg').split(',')[1] ?? ''
  })
  const jpeg = Buffer.from(base64, 'base64')
  const turned = Buffer.from('ffe100224578696600004d4d002a00000008000101120003000000010006000000000000', 'hex')
  return Buffer.concat([jpeg.subarray(0, 2), turned, jpeg.subarray(2)])
}

test('a photo that was taken upright is not squashed', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  await uploadAll(page, [made('upright.jpg', await portrait(page))])
  const thumb = page.getByRole('row', { name: /upright\.jpg/ }).locator('canvas.thumb')
  await expect(thumb).toBeVisible({ timeout: 30_000 })
  expect(await thumb.evaluate((canvas) => (canvas instanceof HTMLCanvasElement ? [canvas.width, canvas.height] : []))).toEqual([192, 256])
})

test('who may see that a picture is there, and not read it, gets no small picture of it either', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  const keys = await keysFor(admin, await locationAt(admin, /^$/))
  await fill(house.s3, keys, [['shared/for-bob.png', png(600, 300)], ['shared/not-for-bob.png', png(601, 300)]])
  const { people } = await (await admin.request.get('/api/v1/people')).json()
  const { uid } = people.find((person: { name: string }) => person.name === 'bob')
  await denyReading(house, uid, 'shared/not-')

  await signIn(page, 'bob')
  const answers: number[] = []
  page.on('response', (response) => response.url().startsWith(house.s3) && response.url().includes('not-for-bob.png') && answers.push(response.status()))
  await openLocation(page, /Shared/)
  await expect(page.getByRole('row').filter({ hasText: /^for-bob/ }).locator('canvas.thumb')).toBeVisible({ timeout: 30_000 })
  await expect.poll(() => answers.length, { timeout: 30_000 }).toBeGreaterThan(0)
  await page.getByRole('row', { name: /not-for-bob/ }).click()
  await page.waitForTimeout(1_000)
  expect(new Set(answers), 'by the store itself').toEqual(new Set([403]))
  await expect(page.getByRole('row', { name: /not-for-bob/ }).locator('svg.ic')).toBeVisible()
  await expect(page.getByRole('row', { name: /not-for-bob/ }).locator('canvas')).toHaveCount(0)
  await expect(page.getByRole('complementary', { name: 'Details' }).locator('canvas')).toHaveCount(0)
})
