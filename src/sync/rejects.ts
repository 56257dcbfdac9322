import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

/** A row that waits because it could not be written, and why: Salesforce's own text, or `LOCAL:` and a reason. */
export interface Reject {
  readonly object: string
  readonly id: string
  readonly operation: string
  readonly error: string
}

export function listRejects(file: SyncFile): readonly Reject[] {
  return file
    .sql('SELECT object, id, operation, error FROM sfbulk_rejects ORDER BY rejected_at, object, id')
    .rows([])
    .map(([object, id, operation, error]) => ({
      object: String(object),
      id: String(id),
      operation: String(operation),
      error: String(error),
    }))
}

export function registerReject(file: SyncFile, { object, id, operation, error }: Reject): void {
  file
    .sql("INSERT OR REPLACE INTO sfbulk_rejects VALUES (?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))")
    .run([object, id, operation, error])
}

export function clearReject(file: SyncFile, object: SyncObject, id: string): void {
  file.sql('DELETE FROM sfbulk_rejects WHERE object = ? AND id = ?').run([object.name, id])
}
