import type { SqlValue } from '../sqlite/database.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

/** How the two sides of a row disagree. */
export type ConflictKind = 'changed-changed' | 'changed-deleted' | 'deleted-changed'

/** One field of a row that was changed here and in the org. */
export interface Conflict {
  readonly object: string
  readonly id: string
  readonly field: string
  /** What was done here, then what was done in the org. */
  readonly kind: ConflictKind
  /** The value that both sides had, then those that they have now; null for a record that was deleted. */
  readonly base: SqlValue
  readonly local: SqlValue
  readonly remote: SqlValue
  /** When the row was edited here, by this machine's clock, and in the org, by its own. */
  readonly localAt: string | null
  readonly remoteAt: string | null
}

/** What is known of a row's conflict besides its fields. */
export interface FoundConflict {
  readonly id: string
  readonly kind: ConflictKind
  readonly localAt: string
  readonly remoteAt: string | undefined
  readonly fields: readonly Pick<Conflict, 'field' | 'base' | 'local' | 'remote'>[]
}

/** All conflicts that wait, those of a row together. */
export function listConflicts(file: SyncFile): readonly Conflict[] {
  return file
    .sql(
      'SELECT object, id, field, kind, base, local, remote, local_at, remote_at FROM sfbulk_conflicts ORDER BY found_at, object, id, field',
    )
    .rows([])
    .map(([object, id, field, kind, base = null, local = null, remote = null, localAt, remoteAt]) => ({
      object: String(object),
      id: String(id),
      field: String(field),
      kind: kind as ConflictKind,
      base,
      local,
      remote,
      localAt: localAt === null || localAt === undefined ? null : String(localAt),
      remoteAt: remoteAt === null || remoteAt === undefined ? null : String(remoteAt),
    }))
}

/** Registers the conflict of a row in place of what was known of it. */
export function registerConflict(file: SyncFile, object: SyncObject, found: FoundConflict): void {
  clearConflict(file, object, found.id)
  const insert = file.sql(
    "INSERT INTO sfbulk_conflicts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))",
  )
  for (const { field, base, local, remote } of found.fields) {
    insert.run([object.name, found.id, field, found.kind, base, local, remote, found.localAt, found.remoteAt ?? null])
  }
}

export function clearConflict(file: SyncFile, object: SyncObject, id: string): void {
  file.sql('DELETE FROM sfbulk_conflicts WHERE object = ? AND id = ?').run([object.name, id])
}

export function countConflicts(file: SyncFile, object?: SyncObject): number {
  const of = object === undefined ? '' : ' WHERE object = ?'
  const parameters = object === undefined ? [] : [object.name]
  return Number(
    file.sql(`SELECT count(*) FROM (SELECT DISTINCT object, id FROM sfbulk_conflicts${of})`).rows(parameters)[0]?.[0],
  )
}
