/** What the tray shows of an upload, and what a person hands to the engine. */
import type { Existing } from '../api/problem'

export type UploadState =
  | { kind: 'queued' }
  | { kind: 'verifying' }
  | { kind: 'uploading' }
  | { kind: 'waiting' }
  | { kind: 'paused' }
  | { kind: 'conflict'; existing: Existing | undefined }
  | { kind: 'needs-file'; reopens: boolean; different: boolean }
  | { kind: 'finishing' }
  | { kind: 'done'; checksum: string }
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

export type ConflictAnswer = 'replace' | 'skip'

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Work that would be interrupted by leaving the page. */
export function isBusy(state: UploadState): boolean {
  switch (state.kind) {
    case 'queued':
    case 'verifying':
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
