/** Starts downloads: of a file by a presigned link, which goes straight to the store; of more by an archive. */
import { archiveOf, downloadUrl } from '../api/files'
import { m } from '../i18n/messages'

const FRAME_MS = 120_000

/**
 * A hidden frame, and not the page itself, goes to the link: should the store refuse, the page is still there, and
 * uploads under way do not make the browser ask whether to leave.
 */
export async function download(location: string, path: string): Promise<void> {
  const url = await downloadUrl(location, path)
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = path
  frame.src = url
  document.body.append(frame)
  setTimeout(() => frame.remove(), FRAME_MS)
}

/** One file as it is; folders, and many files, as one archive. Says what was begun. */
export async function downloadAll(location: string, paths: readonly string[]): Promise<string> {
  const [only] = paths
  if (only !== undefined && paths.length === 1 && !only.endsWith('/')) {
    await download(location, only)
    return m.files.downloadStarted(1)
  }
  const archive = await archiveOf(location, paths)
  const link = document.createElement('a')
  link.href = archive.url
  link.download = archive.name
  link.click()
  return m.files.archiveStarted(archive.name, archive.files)
}
