/** One picture of a page for docs/images: at 1360 and 390 pixels, light and dark. */
import { join } from 'node:path'
import type { Page } from '@playwright/test'

export const IMAGES = join(import.meta.dirname, '../../../docs/images')

/** Scrolls what scrolls, and not the shell around it. */
function intoSight(heading: Element): void {
  let box = heading.parentElement
  while (box !== null && !['auto', 'scroll'].includes(getComputedStyle(box).overflowY)) box = box.parentElement
  box?.scrollBy(0, heading.getBoundingClientRect().top - 400)
}

export async function picture(page: Page, name: string, heading?: string): Promise<void> {
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
