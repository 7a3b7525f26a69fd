/** How a folder opens one of its files to be looked at. The preview itself is given by whoever shows the folder. */
import type { Entry, FileEntry } from '../api/types'
import { visibleName } from '../i18n/visible'

export interface Previewed {
  name: string
  shown: string
  size: number
}

export interface PreviewProps {
  location: string
  folder: string
  files: readonly Previewed[]
  first: Previewed
  onDownload: (name: string) => void
  onClose: (name: string) => void
}

export function previewed({ name, size }: FileEntry): Previewed {
  return { name, shown: visibleName(name), size }
}

export function isFile(entry: Entry): entry is FileEntry {
  return entry.kind === 'file'
}
