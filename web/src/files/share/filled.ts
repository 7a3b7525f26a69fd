/** The form of a file request as it is filled in, and as it is sent. */
import type { NewFileRequest } from '../../api/types'
import { ENDLESS } from './lives'

/** In the units in which people read sizes. */
const MB = 1_000_000

export interface Filled {
  title: string
  message: string
  life: string
  password: string
  kinds: string
  fileSize: string
  allSize: string
  files: string
  senderFiles: string
  email: boolean
}

/** What is there at first. */
export const USUAL: Filled = { title: '', message: '', life: '', password: '', kinds: '', fileSize: '1000', allSize: '10000', files: '1000', senderFiles: '100', email: false }

export function formOf(filled: Filled): Omit<NewFileRequest, 'location' | 'path'> {
  return {
    title: filled.title.trim(),
    message: filled.message.trim(),
    password: filled.password === '' ? null : filled.password,
    asks_email: filled.email,
    kinds: filled.kinds.split(/[\s,;]+/).filter((kind) => kind !== ''),
    days: filled.life === ENDLESS ? null : Number(filled.life),
    endless: filled.life === ENDLESS,
    file_bytes_max: Number(filled.fileSize) * MB,
    bytes_max: Number(filled.allSize) * MB,
    files_max: Number(filled.files),
    sender_files_max: Number(filled.senderFiles),
  }
}
