/**
 * Files that would run in a page that showed them: in the preview, and by the links that show and save them. A canary
 * sings when any of it runs, in whichever frame.
 *
 * Source: shared lessons of CVE-2025-52902 (Markdown), CVE-2026-34529 (EPUB), GHSA-mmpx (SVG), CVE-2026-49245 (`inline`).
 */
import type { BrowserContext, Page } from '@playwright/test'
import { made, pdf, png, type Made } from './support/media'
import { expect, openLocation, setUp, test } from './support/test'
import { linkTo, locationAt, uploadAll } from './support/uploading'

const SONG = "try{canary('sang')}catch(e){};try{top.canary('sang')}catch(e){};try{parent.postMessage('canary','*')}catch(e){};alert('canary');new Image().src='/canary-sang'"
const HTML = `<!doctype html><html><body onload="${SONG}"><script>${SONG}</script><img src=x onerror="${SONG}"></body></html>`
const SVG = `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="${SONG}"><script>${SONG}</script><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:${SONG}"/></foreignObject><a xlink:href="javascript:${SONG}"><text y="20">x</text></a></svg>`
const XHTML = `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>${SONG}</script></html>`
const XSLT = `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="data:text/xml,%3Cxsl:stylesheet%20version='1.0'%20xmlns:xsl='http://www.w3.org/1999/XSL/Transform'%3E%3Cxsl:template%20match='/'%3E%3Cscript%3Ecanary('sang')%3C/script%3E%3C/xsl:template%3E%3C/xsl:stylesheet%3E"?><x xmlns:h="http://www.w3.org/1999/xhtml"><h:script>${SONG}</h:script></x>`
const ENTITIES = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "&#60;script xmlns='http://www.w3.org/1999/xhtml'&#62;canary('sang')&#60;/script&#62;">]><x>&e;</x>`
const MARKDOWN = [
  HTML,
  `[a](javascript:canary('sang'))`,
  `![b](x"onerror="canary('sang'))`,
  `<a href="&#106;avascript:canary('sang')">c</a>`,
  `[d]: javascript:canary('sang')\n[d]`,
  `<details open ontoggle=canary('sang')>`,
  `![e](/canary-sang)`,
].join('\n\n')
const MHTML = `MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b"\n\n--b\nContent-Type: text/html\nContent-Location: http://x/\n\n${HTML}\n--b--`
const CSV = `a,b\n"<img src=x onerror=${'canary(1)'}>",=HYPERLINK("javascript:canary(1)")\n<script>${SONG.replaceAll(',', ';')}</script>,1`
const GIF = `GIF89a/*\u0001\u0000*/=1;${SONG}//${HTML}`
const JS_IN_PDF = pdf('x', `/OpenAction<</S/JavaScript/JS(app.launchURL\\("/canary-sang"\\);this.submitForm\\("/canary-sang"\\);)>>`)
const URL_IN_PDF = pdf('x', `/OpenAction<</S/URI/URI(javascript:canary\\('sang'\\))>>`)

const as = (extensions: string, what: string, content: string | Buffer): Made[] =>
  extensions.split(' ').map((extension) => made(`${what}.${extension}`, content))

const SET: Made[] = [
  ...as('html htm xhtml xht shtml mht hta js mjs css json txt log md csv xml svg pdf epub png jpg gif webp avif mp4 webm mp3 wav ogg flac vtt swf jar htc url webmanifest wasm eml docx zip', 'page', HTML),
  ...as('svg svgz xml html png jpg webp pdf txt md', 'vector', SVG),
  ...as('xhtml xml svg pdf', 'strict', XHTML),
  ...as('xml xsl xslt svg', 'styled', XSLT),
  ...as('xml', 'entity', ENTITIES),
  ...as('md markdown mdx rst', 'marked', MARKDOWN),
  ...as('mht mhtml html eml', 'archive', MHTML),
  ...as('csv tsv', 'rows', CSV),
  ...as('gif js html txt', 'gif', GIF),
  ...as('png html svg', 'headed', Buffer.concat([png(1, 1), Buffer.from(HTML)])),
  ...as('pdf html', 'after', Buffer.concat([pdf('x'), Buffer.from(HTML)])),
  ...as('pdf', 'acting', JS_IN_PDF),
  ...as('pdf', 'leading', URL_IN_PDF),
  ...as('epub', 'book', Buffer.concat([Buffer.from('PK\u0003\u0004mimetypeapplication/epub+zip'), Buffer.from(XHTML)])),
  ...as('html txt', 'utf7', `+ADw-script+AD4-canary('sang')+ADw-/script+AD4-${HTML}`),
  ...as('html txt', 'wide', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(HTML, 'utf16le')])),
  ...[
    'photo\u202Egpj.html', 'a\u200B.html.png', '"><svg onload=canary()>.txt', "'-canary('sang')-'.md", '<img src=x onerror=canary()>.csv',
    '{{constructor.constructor(`canary()`)()}}.md', '${canary()}.txt', 'javascript:canary().txt', 'x.html;.png', 'x.html%00.png', 'x.png%20.html',
    '%0d%0aContent-Type:%20text%2fhtml.txt', '..%2f..%2fx.html', 'a"; filename=b.html; x="c.txt', '<!--\u2066-->.svg', '__proto__', '.htaccess',
  ].map((name) => made(name, HTML)),
]

/** Every way by which something that runs could be heard. */
async function listen(context: BrowserContext, heard: string[]): Promise<void> {
  await context.exposeBinding('canary', ({ frame }, what) => void heard.push(`${what} in ${frame.url()}`))
  context.on('request', (request) => {
    if (new URL(request.url()).pathname.includes('canary-sang')) heard.push(`request ${request.url()}`)
  })
  await context.addInitScript(() => {
    addEventListener('message', (event) => {
      const sing: unknown = Reflect.get(window, 'canary')
      if (event.data === 'canary' && typeof sing === 'function') sing('by message')
    })
  })
  context.on('page', (page) => hear(page, heard))
  for (const page of context.pages()) hear(page, heard)
}

function hear(page: Page, heard: string[]): void {
  page.on('dialog', (dialog) => {
    heard.push(`dialog ${dialog.message()} at ${page.url()}`)
    void dialog.dismiss()
  })
}

test.describe('elsewhere', () => {
  test.use({ watching: false })

  test('the canary is heard where a page does run', async ({ browser }) => {
    const context = await browser.newContext()
    const heard: string[] = []
    await listen(context, heard)
    const page = await context.newPage()
    await page.route('http://canary.test/**', (route) => route.fulfill({ contentType: 'text/html', body: HTML }))
    await page.goto('http://canary.test/page')
    await expect.poll(() => heard.filter((song) => song.startsWith('sang')).length).toBeGreaterThan(0)
    expect(heard.some((song) => song.startsWith('dialog'))).toBe(true)
    await expect.poll(() => heard.some((song) => song.startsWith('request'))).toBe(true)
    await context.close()
  })
})

test('nothing of it runs, in the preview and by any link', async ({ house, visitor }) => {
  test.setTimeout(900_000)
  expect(SET.length).toBeGreaterThanOrEqual(60)
  expect(new Set(SET.map(({ name }) => name)).size, 'each has a name of its own').toBe(SET.length)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  const heard: string[] = []
  await listen(page.context(), heard)
  await openLocation(page, /Home/)
  const home = await locationAt(page, /^home\//)
  await uploadAll(page, SET)

  await test.step('in the preview, one after the other', async () => {
    await page.getByRole('grid').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    const next = dialog.getByRole('button', { name: 'Next file' })
    for (let n = 1; n <= SET.length; n++) {
      await expect(dialog).toContainText(`${n} of ${SET.length}`)
      await expect(dialog.getByText('Loading…')).toHaveCount(0)
      await page.waitForTimeout(100)
      expect(heard, `file ${n}`).toEqual([])
      if (n < SET.length) await next.click()
    }
    await page.keyboard.press('Escape')
  })

  await test.step('a name that reverses itself is spelt out', async () => {
    await page.getByRole('searchbox', { name: 'Filter this folder' }).fill('gpj')
    await expect(page.getByRole('row', { name: 'photo⟨U+202E⟩gpj.html' })).toBeVisible()
  })

  for (const inline of [true, false]) {
    await test.step(inline ? 'by the link that shows' : 'by the link that saves', async () => {
      const tab = await page.context().newPage()
      for (const { name } of SET) {
        const url = await linkTo(page, home, name, inline)
        const answer = await page.request.fetch(url, { headers: { range: 'bytes=0-9' } })
        const type = answer.headers()['content-type'] ?? ''
        expect(type, name).toMatch(/^(?:image\/(?:png|jpeg|gif|webp|avif)|video\/(?:mp4|webm)|audio\/[\w-]+|application\/(?:pdf|octet-stream)|text\/plain; charset=utf-8)$/)
        expect(answer.headers()['x-content-type-options'], name).toBe('nosniff')
        expect(answer.headers()['content-security-policy'], name).toMatch(/^sandbox; default-src 'none'/)
        if (type === 'application/octet-stream') expect(answer.headers()['content-disposition'], name).toMatch(/^attachment/)
        // What is saved is no navigation, and ends in an error of its own.
        if (type !== 'application/octet-stream') await tab.goto(url, { waitUntil: 'commit' }).catch(() => undefined)
        await tab.waitForTimeout(30)
        expect(heard, name).toEqual([])
      }
      await tab.close()
    })
  }
})
