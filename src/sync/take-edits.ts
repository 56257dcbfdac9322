import { closeSync, openSync, writeFileSync } from 'node:fs'
import { formatRecords } from '../csv/write.ts'
import { serviceNull } from '../service-null.ts'
import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { kindOf, sentText } from './field-values.ts'
import { changedFields } from './merge-row.ts'
import { type EditOperation, listPending } from './pending.ts'
import { fieldList, type RowValues, readEdit, readRow } from './rows.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncField, SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** Rows of one object and one operation that leave together. */
export interface Batch {
  readonly object: SyncObject
  readonly operation: EditOperation
  readonly ids: readonly string[]
  /** New rows that leave without some of their references, which are sent as an update later; by Id, the places. */
  readonly without?: ReadonlyMap<string, readonly number[]> | undefined
}

/** Column of a sent CSV that names the row of a create; it is not sent on. */
const rowColumn = 'sfbulk_id'

/**
 * Takes the edits of a batch: writes the rows as they stand to a CSV and notes, in the same transaction, that this push has
 * them. From then on a further edit of such a row is one of its own, for the next sync.
 */
export function takeEdits(file: SyncFile, push: string, wanted: Batch, path: string): void {
  const { object, operation } = wanted
  file.apply(() => {
    // A row that was deleted since it was listed is another edit, and one that was put back is none.
    const waiting = new Set(listPending(file, object, operation))
    const isThere = (id: string) => waiting.has(id) && (operation !== 'update' || hasChanged(file, object, id))
    const batch = { ...wanted, ids: wanted.ids.filter(isThere) }
    const { ids } = batch
    if (operation === 'create' && object.externalId !== undefined) fillExternalIds(file, object, ids)
    file
      .sql("INSERT INTO sfbulk_pushes VALUES (?, ?, ?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL)")
      .run([push, object.name, operation])
    const columns = findColumns(file, batch)
    const output = openSync(path, 'w', 0o600)
    try {
      const header = [operation === 'create' ? rowColumn : 'Id', ...columns.map(({ name }) => name)]
      const begin = formatRecords(header, [])
      writeFileSync(output, begin)
      for (let from = 0; from < ids.length; from += 1_000) {
        const rows = ids.slice(from, from + 1_000).map((id) => [id, ...renderRow(file, batch, columns, id)])
        writeFileSync(output, formatRecords(header, rows).slice(begin.length))
      }
    } finally {
      closeSync(output)
    }
    for (const id of ids) takeEdit(file, push, batch, id)
  })
}

/** What an edit has changed, as JSON for the synchronous API. */
export function readChanges(
  file: SyncFile,
  object: SyncObject,
  id: string,
): Readonly<Record<string, string | number | boolean | null>> {
  const row = readRow(file, object, id)!
  const changed = changedFields(object.fields, readEdit(file, object, id)!.base, row)
  const fields = changed.flatMap((place) => {
    const field = object.fields[place]!
    const text = sentText(field, row[place])
    return field.updateable ? [[field.name, jsonValue(field, text, row[place])] as const] : []
  })
  return Object.fromEntries(fields)
}

/** Whether an edit has changed anything that can be sent. */
function hasChanged(file: SyncFile, object: SyncObject, id: string): boolean {
  return Object.keys(readChanges(file, object, id)).length > 0
}

/** Ids of the rows that a push has taken and of which it is not known what became of them. */
export function listTaken(file: SyncFile, object: SyncObject, push: string): readonly string[] {
  return file
    .sql(`SELECT _id FROM ${quoteName(editsTable(object))} WHERE _sent = ?`)
    .rows([push])
    .map(([id]) => String(id))
}

/**
 * Gives an edit back that was not written: it waits again, as if it had never been taken. What was edited since is measured
 * against the same row as before.
 */
export function giveBack(file: SyncFile, object: SyncObject, push: string, id: string): void {
  const edits = quoteName(editsTable(object))
  const newer = file.sql(`SELECT 1 FROM ${edits} WHERE _id = ? AND _sent = ''`).rows([id])
  if (newer.length === 0) {
    file.sql(`UPDATE ${edits} SET _sent = '' WHERE _id = ? AND _sent = ?`).run([id, push])
    return
  }
  const names = ['_existed', ...object.fields.map(({ name }) => quoteName(name))]
  const older = names.map((name) => `${name} = (SELECT ${name} FROM ${edits} WHERE _id = ?1 AND _sent = ?2)`)
  file.sql(`UPDATE ${edits} SET ${older.join(', ')} WHERE _id = ?1 AND _sent = ''`).run([id, push])
  file.sql(`DELETE FROM ${edits} WHERE _id = ? AND _sent = ?`).run([id, push])
}

/** The row that a push sent, whatever has been edited since. */
export function readSentRow(file: SyncFile, object: SyncObject, id: string): RowValues | undefined {
  const newer = readEdit(file, object, id)
  return newer?.existed ? newer.base : readRow(file, object, id)
}

function takeEdit(file: SyncFile, push: string, { object, without }: Batch, id: string): void {
  const edits = quoteName(editsTable(object))
  file.sql(`UPDATE ${edits} SET _sent = ? WHERE _id = ? AND _sent = ''`).run([push, id])
  const places = without?.get(id)
  if (places === undefined) return
  const row = readRow(file, object, id)!.map((value, place) => (places.includes(place) ? null : value))
  file
    .sql(
      `INSERT INTO ${edits} (_id, _existed, _at, ${fieldList(object)}) ` +
        `VALUES (?, 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), ${row.map(() => '?').join(', ')})`,
    )
    .run([id, ...row])
}

/** A new row without a key of its own is known by its temporary Id. */
function fillExternalIds(file: SyncFile, object: SyncObject, ids: readonly string[]): void {
  const key = quoteName(object.externalId!)
  const fill = file.sql(
    `UPDATE ${quoteName(object.name)} SET ${key} = "Id" WHERE "Id" = ? AND (${key} IS NULL OR ${key} = '')`,
  )
  for (const id of ids) fill.run([id])
}

/** Of an update the fields that any of the rows has changed, of a create those that any of them fills. */
function findColumns(file: SyncFile, { object, operation, ids }: Batch): readonly SyncField[] {
  if (operation === 'delete') return []
  const places = new Set<number>()
  for (const id of ids) {
    const row = readRow(file, object, id)!
    const changed =
      operation === 'update'
        ? changedFields(object.fields, readEdit(file, object, id)!.base, row)
        : row.flatMap((value, place) => (sentText(object.fields[place]!, value) === '' ? [] : [place]))
    for (const place of changed) places.add(place)
  }
  const found = object.fields.filter(
    ({ createable, updateable }, place) => places.has(place) && (operation === 'create' ? createable : updateable),
  )
  // New rows without any value have cells, too, two of them: an empty line of one would be none.
  if (found.length > 0 || operation !== 'create') return found
  return object.fields.filter(({ createable }) => createable).slice(0, 2)
}

/** An empty cell leaves a field alone; what was emptied is sent as null. */
function renderRow(
  file: SyncFile,
  { object, operation, without }: Batch,
  columns: readonly SyncField[],
  id: string,
): readonly string[] {
  if (columns.length === 0) return []
  const row = readRow(file, object, id)!
  const base = operation === 'update' ? readEdit(file, object, id)!.base : undefined
  const changed = base && new Set(changedFields(object.fields, base, row))
  return columns.map((field) => {
    const place = object.fields.indexOf(field)
    if (without?.get(id)?.includes(place)) return ''
    if (changed === undefined) return sentText(field, row[place])
    return changed.has(place) ? changedText(field, row[place]) : ''
  })
}

function changedText(field: SyncField, value: SqlValue | undefined): string {
  const text = sentText(field, value)
  if (text !== '') return text
  return kindOf(field.type) === 'boolean' ? 'false' : serviceNull
}

function jsonValue(field: SyncField, text: string, value: SqlValue | undefined): string | number | boolean | null {
  if (kindOf(field.type) === 'boolean') return text === 'true' ? true : text === 'false' || text === '' ? false : text
  if (text === '') return null
  // JSON has no infinity: it would be null.
  return typeof value === 'number' && Number.isFinite(value) ? value : text
}
