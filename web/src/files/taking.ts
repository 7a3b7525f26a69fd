/** What was dropped or pasted goes on its way: files are uploaded, empty folders are made, and what could not be read is named. */
import { createFolder } from '../api/files'
import { isProblem } from '../api/problem'
import { m } from '../i18n/messages'
import { toast } from '../ui/toasts'
import type { Dropped, Picked } from './picked'

const NAMED_MAX = 5

export function take(location: string, folder: string, dropped: Dropped, onUpload: (picked: Picked[]) => void, onMade: () => void): void {
  const { picked, empty, unread } = dropped
  if (picked.length > 0) onUpload(picked)
  if (unread.length > 0) toast(m.files.unreadable(unread.slice(0, NAMED_MAX).join(', '), Math.max(0, unread.length - NAMED_MAX)))
  if (empty.length > 0) void makeAll(location, folder, empty).finally(onMade)
}

async function makeAll(location: string, folder: string, empty: readonly string[]): Promise<void> {
  const failed: string[] = []
  for (const path of empty) {
    await createFolder(location, `${folder}${path}/`).catch((error: unknown) => {
      // It is there already.
      if (!isProblem(error) || error.status !== 409) failed.push(path)
    })
  }
  if (failed.length > 0) toast(m.files.foldersNotMade(failed.slice(0, NAMED_MAX).join(', ')))
}
