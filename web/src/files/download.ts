/** Starts downloads: of a file by a presigned link, which goes straight to the store; of more by an archive. */
import { archiveOf, downloadUrl } from '../api/files'
import { isProblem } from '../api/problem'
import { looked } from '../api/properties'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { toast } from '../ui/toasts'

const FRAME_MS = 120_000

/**
 * A hidden frame, and not the page itself, goes to the link: should the store refuse, the page is still there, and
 * uploads under way do not make the browser ask whether to leave. A file is saved and leaves the frame as it is; only what
 * is no file is shown there, and why there is none is asked then.
 */
export async function download(location: string, path: string): Promise<void> {
  const url = await downloadUrl(location, path)
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = path
  frame.src = url
  frame.addEventListener('load', () => void tellWhy(location, path))
  document.body.append(frame)
  setTimeout(() => frame.remove(), FRAME_MS)
}

async function tellWhy(location: string, path: string): Promise<void> {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const why = await looked(location, path).then(() => m.files.notGiven(), sentenceFor)
  toast(`${m.files.downloadFailed(name)}: ${why}`)
}

function sentenceFor(error: unknown): string {
  return isProblem(error) && error.status === 404 ? m.files.goneSince() : describe(error)
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
