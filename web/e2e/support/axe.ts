/** axe in a page, light and dark, wide and narrow. */
import { createRequire } from 'node:module'
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { expect } from './test'

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Runs axe in the page; the page's own policy forbids foreign scripts, so it is set aside for this. */
async function violations(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page)
  const { frameTree } = await session.send('Page.getFrameTree')
  const world = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' })
  const contextId = world.executionContextId
  await session.send('Runtime.evaluate', { contextId, expression: await axeSource })
  const expression = `axe.run(document, { rules: { 'target-size': { enabled: true } } }).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))`
  const { result } = await session.send('Runtime.evaluate', { contextId, expression, awaitPromise: true, returnByValue: true })
  await session.detach()
  return result.value
}

/** Below this width nothing needs to be read in two directions (WCAG 1.4.10). */
const NARROW = 320

/** What of a page is wider than its place: the page itself, and what scrolls in it but tables, lists of data and code. */
function sideways(): string[] {
  const wide = [document.documentElement, ...document.querySelectorAll('body *')].filter((box) => {
    const { overflowX } = getComputedStyle(box)
    return box.scrollWidth > box.clientWidth + 1 && (box === document.documentElement || overflowX === 'auto' || overflowX === 'scroll')
  })
  return wide.filter((box) => box.closest('pre, code, table, [role=grid], .cm-editor') === null && box.querySelector('table') === null).map((box) => `${box.tagName} ${box.className}`)
}

/** Fails on what axe finds, and on what scrolls sideways. */
export async function check(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1360, 390]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 860 })
      expect(await violations(page), `${what}, ${colorScheme}, ${width} px`).toEqual([])
      expect(await page.evaluate(sideways), `${what} scrolls sideways at ${width} px`).toEqual([])
    }
  }
  await page.setViewportSize({ width: NARROW, height: 640 })
  expect(await page.evaluate(sideways), `${what} scrolls sideways at ${NARROW} px`).toEqual([])
  await page.setViewportSize({ width: 1360, height: 860 })
}
