/** Files looked at and edited in the browser: every kind, from the store's origin, by keyboard, and never over another's work. */
import type { Page } from '@playwright/test'
import { check } from './support/axe'
import { made, pdf, png, wav, webm } from './support/media'
import { approve, expect as patient, openLocation, register, setUp, signIn, test } from './support/test'
import { bytesOf, locationAt, uploadAll } from './support/uploading'

const MIB = 1_048_576
/** The editor and the grammars are fetched when they are first needed. */
const expect = patient.configure({ timeout: 20_000 })

async function look(page: Page, name: string): Promise<void> {
  await page.getByRole('row', { name }).dblclick()
  await expect(preview(page)).toBeVisible()
  await expect(heading(page, name)).toBeVisible()
}

function preview(page: Page) {
  return page.getByRole('dialog')
}

function heading(page: Page, name: string) {
  return preview(page).getByRole('heading', { name, exact: true }).first()
}

/** Begins to edit, and waits until what is typed goes into the text. */
async function edit(page: Page): Promise<void> {
  await preview(page).getByRole('button', { name: 'Edit' }).click()
  await expect(preview(page).getByRole('textbox', { name: /^Text of/ })).toBeFocused()
}

/** The next file, by the arrow. */
async function next(page: Page, name: string): Promise<void> {
  await page.keyboard.press('ArrowRight')
  await expect(heading(page, name)).toBeVisible()
}

test('each kind of file is shown, and what is not says so', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const film = await webm(page)
  await openLocation(page, /Home/)
  await uploadAll(page, [
    made('01 picture.png', png(320, 180)),
    made('02 tone.wav', wav(30)),
    made('03 film.webm', film),
    made('04 paper.pdf', pdf('Hello')),
    made('05 notes.md', '# Tides\n\nHigh at **noon**, see [the table](https://example.org/tides).\n\n| port | m |\n|---|--:|\n| Ost | 4.2 |\n'),
    made('06 rows.csv', 'port,height\n"Ost, inner",4.2\nWest,3.9\n'),
    made('07 main.rs', 'fn main() {\n    println!("hello");\n}\n'),
    made('08 page.html', '<h1 onclick="alert(1)">Only text</h1>\n<script>document.title = "ran"</script>\n'),
    made('09 drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><text>Only text</text></svg>'),
    made('10 long.txt', `${'a line of text\n'.repeat(80_000)}THE END`),
    made('11 blob.bin', Buffer.alloc(2000, 7)),
    made('12 empty.txt', ''),
    made('13 latin.txt', Buffer.from('gr\u00fc\u00dfe', 'latin1')),
    made('14 broken.png', '<html><script>alert(1)</script></html>'),
    made('15 binary.txt', Buffer.from([1, 0, 2, 0, 3])),
  ])

  await look(page, '01 picture.png')
  const image = preview(page).getByRole('img', { name: '01 picture.png' })
  await expect.poll(() => image.evaluate((node) => (node instanceof HTMLImageElement ? node.naturalWidth : 0))).toBe(320)
  expect(await image.getAttribute('src')).toContain(house.s3)
  await expect(preview(page)).toContainText('1 of 15')

  const ranges: string[] = []
  page.on('request', (request) => {
    const range = request.headers()['range']
    if (range !== undefined) ranges.push(range)
  })
  const partly: string[] = []
  page.on('response', (response) => {
    if (response.status() === 206) partly.push(`${new URL(response.url()).pathname} ${response.headers()['content-range']}`)
  })
  await next(page, '02 tone.wav')
  const sound = preview(page).locator('audio')
  await expect.poll(() => sound.evaluate((node) => (node instanceof HTMLMediaElement ? Math.round(node.duration) : 0))).toBe(30)
  await sound.evaluate((node) => node instanceof HTMLMediaElement && (node.currentTime = 25))
  await expect.poll(() => ranges.some((range) => Number(/^bytes=(\d+)-/.exec(range)?.[1]) > 4_000_000)).toBe(true)
  await expect.poll(() => sound.evaluate((node) => node instanceof HTMLMediaElement && node.readyState >= 2)).toBe(true)

  await next(page, '03 film.webm')
  const video = preview(page).locator('video')
  await expect.poll(() => video.evaluate((node) => (node instanceof HTMLVideoElement ? node.videoWidth : 0))).toBe(320)
  expect(await video.getAttribute('src')).toContain(house.s3)
  const moment = await video.evaluate((node) => new Promise<number>((sought) => {
    if (!(node instanceof HTMLVideoElement)) return
    node.addEventListener('seeked', () => sought(node.currentTime), { once: true })
    node.currentTime = 1.2
  }))
  expect(moment).toBeCloseTo(1.2, 1)
  expect(partly.filter((range) => /film\.webm bytes \d+-\d+\/\d+$/.test(range)), '206 with the part that was asked for').not.toEqual([])
  expect(partly.filter((range) => /tone\.wav bytes [1-9]\d{6,}-\d+\/\d+$/.test(range)), 'far into the tone').not.toEqual([])

  await next(page, '04 paper.pdf')
  const frame = preview(page).locator('iframe')
  expect(await frame.getAttribute('src')).toContain(house.s3)
  await expect.poll(() => page.frames().some((one) => one.url().startsWith('chrome-extension://'))).toBe(true)

  await next(page, '05 notes.md')
  await expect(preview(page).getByRole('heading', { name: 'Tides' })).toBeVisible()
  const link = preview(page).getByRole('link', { name: 'the table' })
  expect(await link.getAttribute('rel')).toContain('noreferrer')
  await expect(preview(page).getByRole('cell', { name: '4.2' })).toBeVisible()
  await preview(page).getByRole('button', { name: 'As written' }).click()
  await expect(preview(page).getByText('# Tides')).toBeVisible()

  await page.getByRole('button', { name: 'Next file' }).click()
  await expect(preview(page).getByRole('cell', { name: 'Ost, inner' })).toBeVisible()
  await expect(preview(page).getByRole('columnheader', { name: 'height' })).toBeVisible()

  await next(page, '07 main.rs')
  await expect(preview(page).getByText('println!("hello");')).toBeVisible()
  await next(page, '08 page.html')
  await expect(preview(page).getByText('<h1 onclick="alert(1)">Only text</h1>')).toBeVisible()
  await next(page, '09 drawing.svg')
  await expect(preview(page).getByText('onload="alert(1)"')).toBeVisible()

  const long = page.waitForRequest((request) => request.url().startsWith(house.s3) && request.url().includes('long.txt'))
  await next(page, '10 long.txt')
  expect((await long).headers()['range']).toBe(`bytes=0-${MIB - 1}`)
  await expect(preview(page).getByText('Only the first MiB is shown.')).toBeVisible()
  await expect(preview(page).getByRole('button', { name: 'Edit' })).toHaveAccessibleDescription(/up to 1 MiB/)

  await next(page, '11 blob.bin')
  await expect(preview(page).getByText('Files of this kind are not shown here.')).toBeVisible()
  const download = page.waitForEvent('download')
  await preview(page).getByRole('button', { name: 'Download' }).click()
  expect((await download).suggestedFilename()).toBe('11 blob.bin')

  await page.getByRole('button', { name: 'Next file' }).click()
  await expect(preview(page).getByRole('button', { name: 'Edit' })).toBeVisible()
  await page.getByRole('button', { name: 'Next file' }).click()
  await expect(preview(page).getByText('This is not UTF-8.')).toBeVisible()
  await expect(preview(page).getByText('grüße')).toBeVisible()
  await page.getByRole('button', { name: 'Next file' }).click()
  await expect(preview(page).getByText('The browser cannot show this as a picture.')).toBeVisible()
  await page.getByRole('button', { name: 'Next file' }).click()
  await expect(preview(page).getByText('This is not text.')).toBeVisible()
  await expect(page.getByRole('button', { name: 'Next file' })).toHaveAttribute('aria-disabled', 'true')
})

test('by the keyboard alone, and axe finds nothing', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const quotes = '# Minutes\n\n1. Tides\n\n> as it was\n\n- [x] done\n\n```\ncode\n```\n'
  await uploadAll(page, [made('a.md', quotes), made('b.csv', 'x,y\n1,2\n'), made('c.rs', 'let x = "1"; // one\n'), made('d.png', png(64, 64)), made('e.zip', 'PK')])

  await page.getByRole('grid').focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await expect(heading(page, 'a.md')).toBeVisible()
  await expect(preview(page).getByRole('heading', { name: 'Minutes' })).toBeVisible()
  await check(page, 'Markdown')
  await next(page, 'b.csv')
  await expect(preview(page).getByRole('cell', { name: '2' })).toBeVisible()
  await check(page, 'a table')
  await next(page, 'c.rs')
  await expect(preview(page).getByText('let x')).toBeVisible()
  await check(page, 'code')
  await next(page, 'd.png')
  await check(page, 'a picture')
  await next(page, 'e.zip')
  await check(page, 'no preview')
  await page.keyboard.press('ArrowRight')
  await expect(heading(page, 'e.zip')).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await expect(heading(page, 'd.png')).toBeVisible()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Escape')
  await expect(preview(page)).toHaveCount(0)
  await expect(page.getByRole('grid')).toBeFocused()
  await expect(page.getByRole('row', { name: /c\.rs/ })).toHaveAttribute('aria-selected', 'true')

  await page.keyboard.press('Enter')
  const edit = preview(page).getByRole('button', { name: 'Edit' })
  await expect(edit).not.toHaveAttribute('aria-disabled', 'true')
  for (let presses = 0; presses < 12 && !(await edit.evaluate((node) => node === document.activeElement)); presses++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(preview(page).getByRole('textbox', { name: 'Text of c.rs' })).toBeFocused()
  await page.keyboard.press('Control+End')
  await page.keyboard.type('// two')
  await check(page, 'an editor')
  await page.keyboard.press('Control+s')
  await expect(page.getByText('Saved.', { exact: true })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('grid')).toBeFocused()
})

test('what was read is replaced, and nothing else; what is not saved is not lost', async ({ house, visitor }) => {
  test.setTimeout(240_000)
  const admin = await visitor()
  await setUp(admin, house)
  const page = await visitor()
  await register(page, 'bob')
  await approve(admin, 'bob')
  await admin.goto(`/files/${await locationAt(admin, /^$/)}/shared`)
  await uploadAll(admin, [made('rules.txt', 'no running\n')])
  await signIn(page, 'bob')
  const home = await locationAt(page, /^home\//)

  await test.step('greyed with the reason where a role does not allow it', async () => {
    await openLocation(page, /Shared/)
    await look(page, 'rules.txt')
    await expect(preview(page).getByText('no running')).toBeVisible()
    const edit = preview(page).getByRole('button', { name: 'Edit' })
    await expect(edit).toHaveAttribute('aria-disabled', 'true')
    await expect(edit).toHaveAccessibleDescription(/s3:PutObject/)
    await page.keyboard.press('Escape')
  })

  await openLocation(page, /Home/)
  await uploadAll(page, [made('log.txt', 'one\r\ntwo\r\n'), made('other.txt', 'x')])
  const other = await visitor()
  await signIn(other, 'bob')
  await openLocation(other, /Home/)

  await test.step('a save names the version that was read, and keeps the ends of lines', async () => {
    await look(page, 'log.txt')
    await edit(page)
    await page.keyboard.press('Control+End')
    await page.keyboard.type('three')
    const begun = page.waitForRequest((request) => request.url().endsWith('/api/v1/uploads') && request.method() === 'POST')
    await page.keyboard.press('Control+s')
    expect((await begun).postDataJSON()).toMatchObject({ conflict: 'replace', if_match: expect.stringMatching(/^[0-9a-f-]+$/) })
    await expect(page.getByText('Saved.', { exact: true })).toBeVisible()
    expect((await bytesOf(page, home, 'log.txt')).toString()).toBe('one\r\ntwo\r\nthree')
  })

  await test.step('leaving asks while something is not saved', async () => {
    await page.keyboard.type(' four')
    await page.keyboard.press('Escape')
    const asked = page.getByRole('alertdialog', { name: 'Discard your changes?' })
    await asked.getByRole('button', { name: 'Cancel' }).click()
    await expect(preview(page).getByText('three four')).toBeVisible()
    await page.goBack()
    await asked.getByRole('button', { name: 'Cancel' }).click()
    await expect(preview(page).getByText('three four')).toBeVisible()
  })

  await test.step('somebody else was faster: mine becomes a copy', async () => {
    await look(other, 'log.txt')
    await edit(other)
    await other.keyboard.press('Control+End')
    await other.keyboard.type(' of theirs')
    await other.keyboard.press('Control+s')
    await expect(other.getByText('Saved.', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const changed = page.getByRole('alertdialog', { name: /was changed meanwhile/ })
    await expect(changed.getByRole('region', { name: 'There now' })).toContainText('three of theirs')
    await expect(changed.getByRole('region', { name: 'Yours' })).toContainText('three four')
    await check(page, 'the conflict dialog')
    await changed.getByRole('button', { name: 'Keep mine as a copy' }).click()
    await expect(page.getByText('Saved as “log (my copy).txt”.')).toBeVisible()
    expect((await bytesOf(page, home, 'log.txt')).toString()).toBe('one\r\ntwo\r\nthree of theirs')
    expect((await bytesOf(page, home, 'log (my copy).txt')).toString()).toBe('one\r\ntwo\r\nthree four')
    await expect(preview(page).getByText('three of theirs')).toBeVisible()
  })

  await test.step('somebody else was faster: theirs is taken', async () => {
    await edit(page)
    await page.keyboard.type('lost ')
    await other.keyboard.type(', again')
    await other.keyboard.press('Control+s')
    await expect.poll(async () => (await bytesOf(page, home, 'log.txt')).toString()).toContain(', again')
    await page.keyboard.press('Control+s')
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take theirs' }).click()
    await expect(preview(page).getByText('three of theirs, again')).toBeVisible()
    await expect(preview(page), 'the focus is where Escape is heard').toBeFocused()
    await page.keyboard.press('Escape')
    await expect(preview(page)).toHaveCount(0)
  })

  await test.step('a file that is gone says so', async () => {
    const answer = await page.request.post(`/api/v1/locations/${home}/delete`, { data: { paths: ['other.txt'] }, headers: { 'sec-fetch-site': 'same-origin' } })
    expect(answer.status()).toBe(200)
    await look(page, 'other.txt')
    await expect(preview(page).getByText('The file is not there any more.')).toBeVisible()
  })
})
