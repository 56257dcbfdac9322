import { quoteName } from '../sqlite/database.ts'
import { readRow } from './rows.ts'
import type { SyncFile } from './sync-file.ts'
import { isLocalId, type SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** Notes which Id the org has given to a new row, and gives it to the row. To be followed by `replaceReferences`. */
export function adoptId(file: SyncFile, object: SyncObject, local: string, id: string): void {
  const own = quoteName(object.name)
  if (local === id) return
  file.sql(`INSERT OR REPLACE INTO sfbulk_ids VALUES (?, ?, ?)`).run([local, object.name, id])
  // A row that a pull has brought already is the same record.
  if (readRow(file, object, local) !== undefined) file.sql(`DELETE FROM ${own} WHERE "Id" = ?`).run([id])
  file.sql(`UPDATE ${own} SET "Id" = ? WHERE "Id" = ?`).run([id, local])
  file.sql(`UPDATE ${quoteName(editsTable(object))} SET _id = ? WHERE _id = ? AND _sent = ''`).run([id, local])
}

/**
 * Puts the Ids that the org has given in the place of the temporary ones wherever a row refers to them, in the rows as they
 * were before an edit, too. To be called within `apply`.
 */
export function replaceReferences(file: SyncFile): void {
  for (const object of file.objects()) {
    for (const { name, referenceTo } of object.fields) {
      if (referenceTo.length === 0) continue
      for (const table of [object.name, editsTable(object)]) {
        const field = quoteName(name)
        file
          .sql(
            `UPDATE ${quoteName(table)} SET ${field} = (SELECT id FROM sfbulk_ids WHERE local = ${field}) ` +
              `WHERE ${field} >= 'local:' AND ${field} < 'local;' AND ${field} IN (SELECT local FROM sfbulk_ids)`,
          )
          .run([])
      }
    }
  }
}

/** A reference of a row to one that the org does not know yet. */
export interface OpenReference {
  readonly place: number
  readonly field: string
  readonly to: string
  /** Whether the row can be created without it, and get it later. */
  readonly canWait: boolean
}

/** The references of a row that cannot be sent yet. */
export function findOpenReferences(object: SyncObject, values: readonly unknown[]): readonly OpenReference[] {
  return object.fields.flatMap((field, place) => {
    const to = values[place]
    if (field.referenceTo.length === 0 || !isLocalId(to)) return []
    return [{ place, field: field.name, to, canWait: !field.required && field.updateable }]
  })
}
