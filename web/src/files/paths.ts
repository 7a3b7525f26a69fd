/** Paths below a location: segments joined by `/`; a folder is `""` or ends in `/`. */

/** The folder that an address names: `a/b` is the folder `a/b/`. */
export function folderFromAddress(splat: string | undefined): string {
  const trimmed = (splat ?? '').replace(/^\/+|\/+$/g, '')
  return trimmed === '' ? '' : `${trimmed}/`
}

export function addressOf(folder: string): string {
  return folder.replace(/\/$/, '')
}

export function parentOf(folder: string): string | undefined {
  if (folder === '') return undefined
  const above = addressOf(folder)
  return above.slice(0, above.lastIndexOf('/') + 1)
}

export interface Crumb {
  name: string
  folder: string
}

/** The folders from the first below the location down to this one. */
export function crumbs(folder: string): Crumb[] {
  const names = addressOf(folder)
    .split('/')
    .filter((name) => name !== '')
  return names.map((name, i) => ({ name, folder: `${names.slice(0, i + 1).join('/')}/` }))
}

/** What the server will refuse as a name, so that it can be said before asking. */
export function isBadName(name: string): boolean {
  return name.trim() === '' || name === '.' || name === '..' || /[/\\\p{Cc}]/u.test(name)
}

/** A name that other tools can make and no address here can hold: a folder of none, `.` or `..`. */
export function isUnreachable(name: string): boolean {
  return name === '' || name === '.' || name === '..'
}

/** The last segment of a file's path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
