/** A file as the preview is given it. */
export interface PreviewFile {
  readonly name: string
  /** The name with hidden characters spelt out. */
  readonly shown: string
  readonly size: number
}

/** The file, and where it is. */
export interface Placed {
  file: PreviewFile
  location: string
  path: string
}
