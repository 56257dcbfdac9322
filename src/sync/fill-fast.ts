import { quoteName } from '../sqlite/database.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import { triggerNames } from './triggers.ts'

/**
 * Writes many rows with the triggers that note edits out of the way, and, where the table is empty, its indexes, too. All of
 * it is in the transaction of `apply`, so that no other client ever sees the table without them. A trigger that only finds that
 * it has to rest costs as much as all else that is done for a row.
 */
export function fillFast<Result>(file: SyncFile, object: SyncObject, work: () => Result): Result {
  const isEmpty = file.sql(`SELECT 1 FROM ${quoteName(object.name)} LIMIT 1`).rows([]).length === 0
  const ours = new Set(triggerNames(object))
  const set = file
    .sql(
      "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL AND type IN ('trigger', 'index')",
    )
    .rows([object.name])
    .map(([type, name, sql]) => ({ type: String(type), name: String(name), sql: String(sql) }))
    .filter(({ type, name }) => (type === 'trigger' ? ours.has(name) : isEmpty))
  for (const { type, name } of set) file.storage.exec(`DROP ${type} ${quoteName(name)}`)
  const result = work()
  for (const { sql } of set) file.storage.exec(sql)
  return result
}
