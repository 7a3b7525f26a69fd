/** What the tray says about each upload. */
import { isProblem } from '../api/problem'
import { m } from '../i18n/messages'
import { describe } from '../ui/problems'
import { UnreadableFile, WorkerFailed } from './hashing'
import type { UploadItem } from './items'
import { InAnotherTab } from './locks'
import { ChangedFile } from './run'
import { QUOTA_EXCEEDED, TransferError } from './transfer'

export function lineOf(item: UploadItem): string {
  const { state, size, sent, speed } = item
  switch (state.kind) {
    case 'queued':
      return m.uploads.queued()
    case 'verifying':
      return m.uploads.verifying()
    case 'comparing':
      return m.uploads.comparing()
    case 'uploading':
      return m.uploads.uploading(sent, size, speed)
    case 'waiting':
      return m.uploads.waiting()
    case 'paused':
      return m.uploads.paused(percentOf(item))
    case 'conflict':
      return m.uploads.conflict()
    case 'needs-file':
      if (state.different) return m.uploads.different()
      return state.reopens ? m.uploads.reopens() : m.uploads.needsFile()
    case 'finishing':
      return m.uploads.finishing()
    case 'done':
      return state.already ? m.uploads.already(size) : m.uploads.done(size)
    case 'failed':
      return failure(state.error)
  }
}

export function percentOf({ sent, size, state }: UploadItem): number {
  if (state.kind === 'done') return 100
  return size === 0 ? 0 : Math.min(100, Math.floor((sent / size) * 100))
}

/** A role does not allow it, so that one can ask for it. */
export function isRefusal(error: unknown): boolean {
  return isProblem(error) && error.facts.explanation !== undefined
}

function failure(error: unknown): string {
  if (error instanceof InAnotherTab) return m.uploads.inAnotherTab()
  if (error instanceof WorkerFailed) return m.uploads.cannotHash()
  if (error instanceof ChangedFile) return m.uploads.changed()
  if (error instanceof UnreadableFile) return m.uploads.unreadable()
  if (error instanceof TransferError && error.code === QUOTA_EXCEEDED) return m.uploads.full()
  if (error instanceof TransferError) return m.uploads.storeRefused(error.status)
  return describe(error)
}
