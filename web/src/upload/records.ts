/**
 * What the browser remembers of unfinished uploads: their id, and a handle by which Chromium may reopen the file after
 * a reload. Never bytes, never credentials, no paths: the server knows the rest.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'

export interface UploadRecord {
  id: string
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
    keep: async ({ id, handle }) =>
      void (await (await database()).put('uploads', handle === undefined ? { id } : { id, handle })),
    forget: async (id) => (await database()).delete('uploads', id),
  }
}
