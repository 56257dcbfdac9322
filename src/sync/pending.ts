import { quoteName } from '../sqlite/database.ts'
import { settle } from './apply-remote.ts'
import { changedFields } from './merge-row.ts'
import { readEdit, readRow } from './rows.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** What an edit comes to: the row is new, was changed, or is gone. */
export type EditOperation = 'create' | 'update' | 'delete'

export const editOperations: readonly EditOperation[] = ['create', 'update', 'delete']

export type PendingCounts = Readonly<Record<EditOperation, number>>

/** Ids of the rows that wait for an operation, in the order of their edits. */
export function listPending(file: SyncFile, object: SyncObject, operation: EditOperation): readonly string[] {
  return file
    .sql(`SELECT _id FROM ${from(object)} WHERE _sent = '' AND ${conditions[operation]} ORDER BY _at, _id`)
    .rows([])
    .map(([id]) => String(id))
}

/** Those of them that are not in conflict. */
export function listSendable(file: SyncFile, object: SyncObject, operation: EditOperation): readonly string[] {
  const conflicting = file.sql('SELECT DISTINCT id FROM sfbulk_conflicts WHERE object = ?').rows([object.name])
  const blocked = new Set(conflicting.map(([id]) => id))
  return listPending(file, object, operation).filter((id) => !blocked.has(id))
}

/** Rows that wait, those in conflict included. */
export function countPending(file: SyncFile, object: SyncObject): PendingCounts {
  const counts = editOperations.map((operation) => {
    const found = file.sql(`SELECT count(*) FROM ${from(object)} WHERE ${conditions[operation]}`).rows([])
    return [operation, Number(found[0]?.[0])] as const
  })
  return { create: 0, update: 0, delete: 0, ...Object.fromEntries(counts) }
}

/** Forgets edits that come to nothing: rows made and deleted again, and values that were put back. To be called within `apply`. */
export function forgetEmptyEdits(file: SyncFile, object: SyncObject): void {
  const edits = quoteName(editsTable(object))
  const own = quoteName(object.name)
  file.sql(`DELETE FROM ${edits} WHERE _sent = '' AND NOT _existed AND _id NOT IN (SELECT "Id" FROM ${own})`).run([])
  const changed = file.sql(`SELECT _id FROM ${from(object)} WHERE _sent = '' AND ${conditions.update}`).rows([])
  for (const [id] of changed) {
    const edit = readEdit(file, object, String(id))
    const row = readRow(file, object, String(id))
    if (edit && row && changedFields(object.fields, edit.base, row).length === 0) settle(file, object, String(id))
  }
  for (const table of ['sfbulk_rejects', 'sfbulk_conflicts']) {
    file.sql(`DELETE FROM ${table} WHERE object = ? AND id NOT IN (SELECT _id FROM ${edits})`).run([object.name])
  }
}

const conditions: Readonly<Record<EditOperation, string>> = {
  create: 'NOT _existed AND "Id" IS NOT NULL',
  update: '_existed AND "Id" IS NOT NULL',
  delete: '_existed AND "Id" IS NULL',
}

function from(object: SyncObject): string {
  return `${quoteName(editsTable(object))} LEFT JOIN ${quoteName(object.name)} ON "Id" = _id`
}
