/**
 * What the browser remembers of unfinished uploads: never bytes, never credentials. The server knows the rest; what
 * only we can keep is a handle by which Chromium may reopen the file after a reload.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

export interface UploadRecord {
  id: string
  name: string
  size: number
  lastModified: number
  partSize: number
  handle?: FileSystemFileHandle
}

interface Schema extends DBSchema {
  uploads: { key: string; value: UploadRecord }
}

export interface UploadRecords {
  all(): Promise<UploadRecord[]>
  keep(record: UploadRecord): Promise<void>
  forget(id: string): Promise<void>
}

export function browserRecords(name = 'wellhouse-uploads'): UploadRecords {
  let opened: Promise<IDBPDatabase<Schema>> | undefined
  const database = (): Promise<IDBPDatabase<Schema>> => {
    opened ??= openDB<Schema>(name, 1, {
      upgrade: (db) => void db.createObjectStore('uploads', { keyPath: 'id' }),
    })
    return opened
  }
  return {
    all: async () => (await database()).getAll('uploads'),
    keep: async (record) => void (await (await database()).put('uploads', record)),
    forget: async (id) => (await database()).delete('uploads', id),
  }
}
