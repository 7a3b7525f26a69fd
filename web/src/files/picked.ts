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

/** Of a drop or of the clipboard. Must be called in the event itself: the browser empties the list right after. */
export function fromDrop(items: DataTransferItemList): Promise<Picked[]> {
  const roots = [...items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile(), handle: item.getAsFileSystemHandle?.() }))
  const picked = roots.map(({ entry, file, handle }) => (entry === null ? alone(file) : below(entry, '', handle)))
  return Promise.all(picked).then((all) => all.flat())
}

/** A picture in the clipboard is a file that lies nowhere. */
function alone(file: File | null): Picked[] {
  return file === null ? [] : [{ file, path: file.name }]
}

async function below(
  entry: FileSystemEntry,
  folder: string,
  handle?: Promise<FileSystemHandle | null>,
): Promise<Picked[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((done, fail) => entry.file(done, fail))
    const opened = await handle?.catch(() => null)
    return [{ file, path: folder + entry.name, handle: opened instanceof FileSystemFileHandle ? opened : undefined }]
  }
  if (!isFolder(entry)) return []
  const children = await allOf(entry.createReader())
  const nested = await Promise.all(children.map((child) => below(child, `${folder}${entry.name}/`)))
  return nested.flat()
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
