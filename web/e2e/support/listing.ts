/** What the portal lists, counted over all its pages. */
import type { Page } from '@playwright/test'

/** How many entries a folder of a location has. */
export async function countOf(page: Page, location: string, path: string): Promise<number> {
  let count = 0
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams(cursor === '' ? { path } : { path, cursor })
    const answer: { entries: unknown[]; next: string | null } = await (await page.request.get(`/api/v1/locations/${location}/entries?${query}`)).json()
    count += answer.entries.length
    cursor = answer.next
  }
  return count
}
