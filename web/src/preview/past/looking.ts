/** What of a file as it was can be shown: pictures that browsers show, and texts that are read whole. */
import { kindOf } from '../kinds'
import { TEXT_BYTES_MAX } from '../text'

const PICTURE_BYTES_MAX = 100_000_000

export interface Looked {
  name: string
  size: number
  version: string
}

export function isPicture(name: string): boolean {
  return kindOf(name) === 'image'
}

export function canLook({ name, size }: { name: string; size: number }): boolean {
  if (isPicture(name)) return size <= PICTURE_BYTES_MAX
  return size <= TEXT_BYTES_MAX && ['text', 'markdown', 'table'].includes(kindOf(name))
}
