/** What the page says of each file. */
import { isProblem } from '../api/problem'
import { UnreadableFile } from '../upload/hashing'
import type { UploadItem } from '../upload/items'
import { ChangedFile } from '../upload/run'
import { QUOTA_EXCEEDED, TransferError } from '../upload/transfer'
import type { Words } from './words'

export function percentOf({ sent, size, state }: UploadItem): number {
  if (state.kind === 'done') return 100
  return size === 0 ? 0 : Math.min(100, Math.floor((sent / size) * 100))
}

export function lineOf(item: UploadItem, words: Words): string {
  const { state } = item
  switch (state.kind) {
    case 'queued':
      return words.queued
    case 'verifying':
    case 'comparing':
      return words.verifying
    case 'uploading':
      return words.uploading(percentOf(item))
    case 'waiting':
      return words.waiting
    case 'paused':
      return words.paused
    case 'needs-file':
      return words.needsFile
    case 'finishing':
      return words.finishing
    case 'done':
      return words.done
    case 'conflict':
      return words.failed
    case 'failed':
      return failure(state.error, words)
  }
}

/** What is wrong with the file itself: to send it again helps nobody. */
const HOPELESS: ReadonlySet<string> = new Set(['request-kind-refused', 'request-name-invalid', 'request-file-too-large'])

export function isHopeless({ state }: Pick<UploadItem, 'state'>): boolean {
  return state.kind === 'failed' && isProblem(state.error) && HOPELESS.has(state.error.code)
}

function failure(error: unknown, words: Words): string {
  if (error instanceof ChangedFile) return words.changed
  if (error instanceof UnreadableFile) return words.unreadable
  if (error instanceof TransferError && error.code === QUOTA_EXCEEDED) return words.problems['quota-exceeded']
  if (!isProblem(error)) return words.failed
  return Object.entries(words.problems).find(([code]) => code === error.code)?.[1] ?? words.failed
}

/** A size as the server writes it, in steps of a thousand. */
export function sizeOf(bytes: number, language: string): string {
  const units = ['kB', 'MB', 'GB', 'TB'] as const
  if (bytes < 1_000) return `${bytes} B`
  let value = bytes / 1_000
  let at = 0
  while (value >= 1_000 && at < units.length - 1) {
    value /= 1_000
    at += 1
  }
  const shown = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1, useGrouping: false })
  return `${shown.format(Math.floor(value * 10) / 10)} ${units[at] ?? 'TB'}`
}
