/** Files as they come from a picker or a drop, with their paths below the folder that they go to. */
export interface Picked {
  file: File
  path: string
  handle?: FileSystemFileHandle | undefined
}

declare global {
  interface DataTransferItem {
    /** Chromium only: lets an interrupted upload reopen the file after a reload. */
    getAsFileSystemHandle?(): Promise<FileSystemHandle | null>
  }
}

/** A folder picker gives each file its path below the folder's parent. */
export function fromPicker(files: FileList | null): Picked[] {
  return [...(files ?? [])].map((file) => ({
    file,
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
  }))
}

/** What was dropped: the files, the folders in which nothing is, and what could not be read, by path. */
export interface Dropped {
  picked: Picked[]
  empty: string[]
  unread: string[]
}

/** Of a drop or of the clipboard. Must be called in the event itself: the browser empties the list right after. */
export async function fromDrop(items: DataTransferItemList): Promise<Dropped> {
  const dropped: Dropped = { picked: [], empty: [], unread: [] }
  const roots = [...items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile(), handle: item.getAsFileSystemHandle?.() }))
  for (const { entry, file, handle } of roots) {
    // A picture in the clipboard is a file that lies nowhere.
    if (entry !== null) await gather(entry, '', dropped, handle)
    else if (file !== null) dropped.picked.push({ file, path: file.name })
  }
  return dropped
}

async function gather(entry: FileSystemEntry, folder: string, into: Dropped, handle?: Promise<FileSystemHandle | null>): Promise<void> {
  const path = folder + entry.name
  try {
    if (isFile(entry)) {
      const file = await new Promise<File>((done, fail) => entry.file(done, fail))
      const opened = await handle?.catch(() => null)
      into.picked.push({ file, path, handle: opened instanceof FileSystemFileHandle ? opened : undefined })
    } else if (isFolder(entry)) {
      const children = await allOf(entry.createReader())
      if (children.length === 0) into.empty.push(path)
      await Promise.all(children.map((child) => gather(child, `${path}/`, into)))
    }
  } catch {
    into.unread.push(path)
  }
}

/** A reader gives at most a hundred entries a time, and an empty list at the end. */
async function allOf(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
    if (some.length === 0) return all
    all.push(...some)
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}
