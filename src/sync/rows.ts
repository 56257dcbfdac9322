import { quoteName, type SqlValue } from '../sqlite/database.ts'
import type { SyncFile } from './sync-file.ts'
import { columnNames, type SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** Values of a row in the order of the object's fields. */
export type RowValues = readonly SqlValue[]

/** An edit that no push has taken: the row as it was before. */
export interface Edit {
  /** False for a row that the org does not know. */
  readonly existed: boolean
  /** When the row was edited last, by the clock of this machine. ISO 8601. */
  readonly at: string
  /** Values before the first edit; of no meaning where none existed. */
  readonly base: RowValues
}

/** A row as it stands in the object's table. */
export function readRow(file: SyncFile, object: SyncObject, id: string): RowValues | undefined {
  return file.sql(`SELECT ${fieldList(object)} FROM ${quoteName(object.name)} WHERE "Id" = ?`).rows([id])[0]
}

/** Puts a row into the object's table, whether it is there or not. */
export function writeRow(file: SyncFile, object: SyncObject, id: string, values: RowValues): void {
  const columns = columnNames(object).map(quoteName)
  file
    .sql(
      `INSERT INTO ${quoteName(object.name)} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ` +
        `ON CONFLICT ("Id") DO UPDATE SET ${assignments(columns.slice(1), 'excluded.')}`,
    )
    .run([id, ...values])
}

export function removeRow(file: SyncFile, object: SyncObject, id: string): void {
  file.sql(`DELETE FROM ${quoteName(object.name)} WHERE "Id" = ?`).run([id])
}

export function readEdit(file: SyncFile, object: SyncObject, id: string): Edit | undefined {
  const edits = quoteName(editsTable(object))
  const found = file
    .sql(`SELECT _existed, _at, ${fieldList(object)} FROM ${edits} WHERE _id = ? AND _sent = ''`)
    .rows([id])[0]
  if (found === undefined) return undefined
  const [existed, at, ...base] = found
  return { existed: existed === 1, at: String(at), base }
}

/** What the org has now takes the place of what it had when the row was edited. */
export function rebaseEdit(file: SyncFile, object: SyncObject, id: string, base: RowValues): void {
  const names = object.fields.map(({ name }) => `${quoteName(name)} = ?`)
  if (names.length === 0) return
  file
    .sql(`UPDATE ${quoteName(editsTable(object))} SET ${names.join(', ')} WHERE _id = ? AND _sent = ''`)
    .run([...base, id])
}

export function removeEdit(file: SyncFile, object: SyncObject, id: string, sent = ''): void {
  file.sql(`DELETE FROM ${quoteName(editsTable(object))} WHERE _id = ? AND _sent = ?`).run([id, sent])
}

/** The fields of an object as SQL, without `Id`. */
export function fieldList({ fields }: SyncObject): string {
  return fields.length === 0 ? 'NULL' : fields.map(({ name }) => quoteName(name)).join(', ')
}

/** `"A" = excluded."A", …` */
export function assignments(columns: readonly string[], prefix: string): string {
  return columns.length === 0
    ? `"Id" = ${prefix}"Id"`
    : columns.map((column) => `${column} = ${prefix}${column}`).join(', ')
}
