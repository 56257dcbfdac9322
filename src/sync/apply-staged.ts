import { quoteName } from '../sqlite/database.ts'
import { applyRemote } from './apply-remote.ts'
import { fillFast } from './fill-fast.ts'
import type { KeptAs } from './kept-value.ts'
import { assignments } from './rows.ts'
import type { StagedRows } from './stage-rows.ts'
import type { SyncFile } from './sync-file.ts'
import { columnNames, type SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** Rows of a table that a pull has changed. */
export interface PullCounts {
  readonly written: number
  readonly removed: number
}

/**
 * Brings the table to the staged rows. Rows that nobody edited here go by a few statements for all of them, edited ones are
 * merged one by one. To be called within `apply`.
 *
 * @param whole whether the staged rows are all that there are: a row that is not among them is removed, unless it was
 * edited, which the next push finds out about
 */
export function applyStaged(
  file: SyncFile,
  object: SyncObject,
  staged: StagedRows,
  { whole, keptAs }: { readonly whole: boolean; readonly keptAs: KeptAs },
): PullCounts {
  const edited = readEditedRows(file, object, staged)
  const bring = () => ({
    removed: removeRows(file, object, staged, whole),
    written: writeRows(file, object, staged),
  })
  const counts = staged.rows > fewRows ? fillFast(file, object, bring) : bring()
  for (const [id, deleted, stamp, ...values] of edited) {
    const row = { id: String(id), stamp: stamp === null ? undefined : String(stamp) }
    applyRemote(file, object, { ...row, values: deleted === 1 ? undefined : values }, keptAs)
  }
  return counts
}

/** Where triggers and indexes are not worth taking out of the way. */
const fewRows = 1_000

function readEditedRows(file: SyncFile, object: SyncObject, { table }: StagedRows) {
  const names = object.fields.map(({ name }) => `, staged.${quoteName(name)}`).join('')
  return file
    .sql(
      `SELECT staged."Id", _deleted, _stamp${names} FROM ${quoteName(editsTable(object))} ` +
        `JOIN ${table} AS staged ON staged."Id" = _id WHERE _sent = '' ORDER BY staged.rowid`,
    )
    .rows([])
}

function removeRows(file: SyncFile, object: SyncObject, { table }: StagedRows, whole: boolean): number {
  const gone = whole
    ? `"Id" NOT IN (SELECT "Id" FROM ${table} WHERE NOT _deleted) AND "Id" NOT LIKE 'local:%'`
    : `"Id" IN (SELECT "Id" FROM ${table} WHERE _deleted)`
  file.sql(`DELETE FROM ${quoteName(object.name)} WHERE ${gone} AND ${unedited(object)}`).run([])
  return countChanges(file)
}

/** A row that is the same already is left alone, so that indexes and readers of the write-ahead log are, too. */
function writeRows(file: SyncFile, object: SyncObject, { table }: StagedRows): number {
  const columns = columnNames(object).map(quoteName)
  const fields = columns.slice(1)
  const own = quoteName(object.name)
  const differs = fields.map((name) => `${own}.${name} IS NOT excluded.${name}`).join(' OR ')
  file
    .sql(
      `INSERT INTO ${own} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM ${table} ` +
        `WHERE NOT _deleted AND ${unedited(object)} ` +
        `ON CONFLICT ("Id") DO UPDATE SET ${assignments(fields, 'excluded.')} WHERE ${differs || '0'}`,
    )
    .run([])
  return countChanges(file)
}

function unedited(object: SyncObject): string {
  return `"Id" NOT IN (SELECT _id FROM ${quoteName(editsTable(object))})`
}

function countChanges(file: SyncFile): number {
  return Number(file.sql('SELECT changes()').rows([])[0]?.[0])
}
