/** What comes back to a person's disk: archives that their tools unpack, names in many scripts, and what broke off. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Download, Page } from '@playwright/test'
import { largeFile } from './support/files'
import { made } from './support/media'
import { expect, openLocation, setUp, test } from './support/test'
import { linkTo, locationAt, uploadAll } from './support/uploading'

const run = promisify(execFile)

/** Every file below a folder, by its path in it. */
async function below(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(await Promise.all(found.toSorted().map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')])))
}

const UNPACKERS: readonly (readonly [string, (archive: string) => string[]])[] = [
  ['python3', (archive) => ['-m', 'zipfile', '-e', archive, '.']],
  ['unzip', (archive) => ['-q', archive]],
  ['bsdtar', (archive) => ['-x', '-f', archive]],
]

/** Unpacked by each tool that is here; Python's is always. */
async function unpacked(archive: string, into: string): Promise<Record<string, string>[]> {
  const trees: Record<string, string>[] = []
  for (const [tool, args] of UNPACKERS) {
    const folder = join(into, tool)
    await mkdir(folder, { recursive: true })
    const done = await run(tool, args(archive), { cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } }).catch((error: { code?: unknown }) => {
      if (error.code !== 'ENOENT' || tool === 'python3') throw error
    })
    if (done !== undefined) trees.push(await below(folder))
  }
  return trees
}

async function downloaded(page: Page, folder: string): Promise<{ got: Download; path: string }> {
  const [got] = await Promise.all([page.waitForEvent('download', { timeout: 60_000 }), page.getByRole('button', { name: 'Download', exact: true }).first().click()])
  const path = join(folder, got.suggestedFilename())
  await got.saveAs(path)
  return { got, path }
}

test('a folder, and several files, come as an archive that every tool unpacks', async ({ house, visitor }) => {
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const files = [made('one.txt', 'one'), made('zwei 🦀.txt', 'zwei'), made('пять.txt', 'five')]
  await uploadAll(page, files)
  await page.getByRole('button', { name: 'New folder' }).click()
  await page.getByRole('textbox', { name: 'Folder name' }).fill('ünï')
  await page.keyboard.press('Enter')
  await page.getByRole('row', { name: /ünï/ }).dblclick()
  await uploadAll(page, [made('inner.txt', 'inner'), made('empty.txt', '')])
  await openLocation(page, /Home/)

  await page.getByRole('row', { name: /ünï/ }).click()
  const folder = await downloaded(page, house.folder)
  expect(folder.got.suggestedFilename()).toBe('ünï.zip')
  for (const tree of await unpacked(folder.path, join(house.folder, 'folder'))) expect(tree).toEqual({ 'ünï/empty.txt': '', 'ünï/inner.txt': 'inner' })

  await page.getByRole('grid').focus()
  await page.keyboard.press('Control+a')
  const all = await downloaded(page, house.folder)
  const trees = await unpacked(all.path, join(house.folder, 'all'))
  for (const tree of trees) expect(tree).toEqual({ 'one.txt': 'one', 'zwei 🦀.txt': 'zwei', 'пять.txt': 'five', 'ünï/empty.txt': '', 'ünï/inner.txt': 'inner' })
})

test('names in many scripts are saved as they are, and what broke off goes on where it was', async ({ house, visitor }) => {
  test.setTimeout(180_000)
  const page = await visitor()
  await setUp(page, house, { twoStep: false })
  await openLocation(page, /Home/)
  const names = ['übergröße.txt', '资料 2026.txt', 'تقرير.txt', 'घाट.txt', '🦀 crab.txt', 'a+b & c;d=e,f.txt', "it's 100% \u201cso\u201d.txt", 'no extension']
  await uploadAll(page, names.map((name) => made(name, name)))
  for (const name of names) {
    await page.getByRole('row', { name: new RegExp(name.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&')) }).click()
    const { got, path } = await downloaded(page, house.folder)
    expect(got.suggestedFilename()).toBe(name)
    expect(await readFile(path, 'utf8')).toBe(name)
  }

  await test.step('by Range', async () => {
    const path = join(house.folder, 'large.bin')
    await largeFile(path, 8)
    await page.getByTestId('pick-files').setInputFiles(path)
    await expect(page.getByRole('region', { name: 'List of uploads' })).toContainText('verified', { timeout: 60_000 })
    const sent = await readFile(path)
    const url = await linkTo(page, await locationAt(page, /^home\//), 'large.bin', false)
    const broken = await fetch(url)
    const etag = broken.headers.get('etag') ?? ''
    expect(broken.headers.get('accept-ranges')).toBe('bytes')
    const reader = broken.body?.getReader()
    const begun = Buffer.from((await reader?.read())?.value ?? [])
    await reader?.cancel()
    expect(begun.length).toBeGreaterThan(0)
    expect(begun.length).toBeLessThan(sent.length)
    const rest = await fetch(url, { headers: { range: `bytes=${begun.length}-`, 'if-range': etag } })
    expect(rest.status).toBe(206)
    expect(rest.headers.get('content-range')).toBe(`bytes ${begun.length}-${sent.length - 1}/${sent.length}`)
    expect(Buffer.concat([begun, Buffer.from(await rest.arrayBuffer())]).equals(sent), 'the same bytes').toBe(true)
  })
})
