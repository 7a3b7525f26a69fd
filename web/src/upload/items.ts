/** What the tray shows of an upload, and what a person hands to the engine. */
import type { Existing } from '../api/problem'

export type UploadState =
  | { kind: 'queued' }
  | { kind: 'verifying' }
  /** A file of this name and size is there already: is it this one? */
  | { kind: 'comparing' }
  | { kind: 'uploading' }
  | { kind: 'waiting' }
  | { kind: 'paused' }
  | { kind: 'conflict'; existing: Existing | undefined }
  | { kind: 'needs-file'; reopens: boolean; different: boolean }
  | { kind: 'finishing' }
  /** `already`: the same bytes were there, and none was sent. */
  | { kind: 'done'; checksum: string; already: boolean }
  | { kind: 'failed'; error: unknown }

export interface UploadItem {
  /** Ours, for as long as the page lives; the server's id comes later. */
  readonly key: string
  readonly location: string
  readonly path: string
  readonly size: number
  readonly lastModified: number
  readonly state: UploadState
  readonly sent: number
  readonly speed: number
}

/** A file as it was picked or dropped, with its path below the folder that it goes to. */
export interface PickedFile {
  file: File
  path: string
  handle?: FileSystemFileHandle | undefined
}

export type ConflictAnswer = 'replace' | 'keep-both' | 'skip'

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** `a/report (2).pdf` of `a/report.pdf`: the name under which a second file stands beside the first. */
export function variantOf(path: string, n: number): string {
  const name = nameOf(path)
  const dot = name.lastIndexOf('.')
  const stem = dot > 0 ? name.slice(0, dot) : name
  return `${path.slice(0, path.length - name.length)}${stem} (${n})${name.slice(stem.length)}`
}

/** All uploads together. */
export interface Totals {
  busy: number
  done: number
  /** Of what runs and what is done. */
  sent: number
  size: number
  speed: number
}

/** Work that would be interrupted by leaving the page. */
export function isBusy(state: UploadState): boolean {
  switch (state.kind) {
    case 'queued':
    case 'verifying':
    case 'comparing':
    case 'uploading':
    case 'waiting':
    case 'finishing':
      return true
    case 'paused':
    case 'conflict':
    case 'needs-file':
    case 'done':
    case 'failed':
      return false
  }
}
