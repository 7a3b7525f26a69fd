/** Starts downloads by presigned links, which go straight to the store. */
import { downloadUrl } from '../api/files'

const FRAME_MS = 120_000
const BETWEEN_MS = 400

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

/** One after the other, since browsers drop downloads that are started in the same moment. */
export async function downloadAll(location: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await download(location, path)
    if (paths.length > 1) await new Promise((next) => setTimeout(next, BETWEEN_MS))
  }
}
