import { quoteName, quoteText } from '../sqlite/database.ts'
import { declaredType } from './field-values.ts'
import { localIdPrefix, type SyncField, type SyncObject } from './sync-object.ts'
import { editsTable } from './triggers.ts'

/** The tables of a file that belong to no object. `sfbulk_pending` is made anew with each object. */
export const commonTables = `
CREATE TABLE sfbulk_file (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE sfbulk_state (applying INTEGER NOT NULL);
INSERT INTO sfbulk_state VALUES (0);
CREATE TABLE sfbulk_objects (
  name TEXT PRIMARY KEY, position INTEGER NOT NULL, definition TEXT NOT NULL,
  mark TEXT, swept_at TEXT, pulled_at TEXT, pushed_at TEXT
) WITHOUT ROWID;
CREATE TABLE sfbulk_pushes (
  push TEXT PRIMARY KEY, object TEXT NOT NULL, operation TEXT NOT NULL, began_at TEXT NOT NULL, job TEXT
) WITHOUT ROWID;
CREATE TABLE sfbulk_conflicts (
  object TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL,
  base, local, remote, local_at TEXT, remote_at TEXT, found_at TEXT NOT NULL,
  PRIMARY KEY (object, id, field)
) WITHOUT ROWID;
CREATE TABLE sfbulk_rejects (
  object TEXT NOT NULL, id TEXT NOT NULL, operation TEXT NOT NULL, error TEXT NOT NULL, rejected_at TEXT NOT NULL,
  PRIMARY KEY (object, id)
) WITHOUT ROWID;
CREATE TABLE sfbulk_superseded (
  object TEXT NOT NULL, id TEXT NOT NULL, reason TEXT NOT NULL, fields TEXT NOT NULL, superseded_at TEXT NOT NULL
);
CREATE TABLE sfbulk_ids (local TEXT PRIMARY KEY, object TEXT NOT NULL, id TEXT NOT NULL) WITHOUT ROWID;
`

/**
 * The table of an object: fields and `Id`, nothing else, so that it can be read, joined and exported as it is. References
 * are constraints where the table that they point to is in the file and whole; they are deferred, and bind only clients that
 * switch `foreign_keys` on.
 *
 * @param parents objects of the file whose tables hold all their records
 */
export function objectTableSql(object: SyncObject, parents: ReadonlySet<string>): string {
  const columns = object.fields.map((field) => `  ${columnSql(field, parents)}`)
  const files = object.files?.fields.map((name) => `  ${quoteName(name)} TEXT`) ?? []
  const id = `  "Id" TEXT NOT NULL ON CONFLICT REPLACE DEFAULT (${newLocalId}) PRIMARY KEY`
  const indexes = object.fields.filter(({ indexed }) => indexed).map((field) => indexSql(object, field))
  return `CREATE TABLE ${quoteName(object.name)} (\n${[id, ...columns, ...files].join(',\n')}\n);\n${indexes.join('\n')}`
}

/**
 * What is known of the contents of files: for each the state of its record that is wanted, and the one that was fetched, so
 * that what was broken off is made up for. `path` is against the folder of the sync file.
 */
export const filesTable = `
CREATE TABLE IF NOT EXISTS sfbulk_files (
  object TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, wanted TEXT NOT NULL, fetched TEXT, path TEXT,
  bytes INTEGER, error TEXT, PRIMARY KEY (object, id, field)
) WITHOUT ROWID;
`

/** Adds the column for the paths of files. */
export function addPathColumnSql(object: SyncObject, name: string): string {
  return `ALTER TABLE ${quoteName(object.name)} ADD COLUMN ${quoteName(name)} TEXT;`
}

/** Takes it out, and what is known of the files, which stay where they are. */
export function dropPathColumnSql(object: SyncObject, name: string): string {
  return (
    `ALTER TABLE ${quoteName(object.name)} DROP COLUMN ${quoteName(name)};` +
    `DELETE FROM sfbulk_files WHERE object = ${quoteText(object.name)} AND field = ${quoteText(name)};`
  )
}

/** Adds a column to the tables of an object. */
export function addColumnSql(object: SyncObject, field: SyncField): string {
  const name = quoteName(object.name)
  const value = field.required ? " DEFAULT ''" : ''
  return [
    `ALTER TABLE ${name} ADD COLUMN ${quoteName(field.name)} ${declaredType(field)}${field.required ? ' NOT NULL' : ''}${value};`,
    `ALTER TABLE ${quoteName(editsTable(object))} ADD COLUMN ${quoteName(field.name)} ${declaredType(field)};`,
    field.indexed ? indexSql(object, field) : '',
  ].join('\n')
}

/** Takes a column out of the tables of an object. */
export function dropColumnSql(object: SyncObject, field: SyncField): string {
  return [
    `DROP INDEX IF EXISTS ${quoteName(indexName(object, field))};`,
    `ALTER TABLE ${quoteName(object.name)} DROP COLUMN ${quoteName(field.name)};`,
    `ALTER TABLE ${quoteName(editsTable(object))} DROP COLUMN ${quoteName(field.name)};`,
  ].join('\n')
}

export function editsTableSql(object: SyncObject): string {
  const columns = object.fields.map((field) => `, ${quoteName(field.name)} ${declaredType(field)}`)
  return (
    `CREATE TABLE ${quoteName(editsTable(object))} (_id TEXT NOT NULL, _sent TEXT NOT NULL DEFAULT '', ` +
    `_existed INTEGER NOT NULL, _at TEXT NOT NULL${columns.join('')}, PRIMARY KEY (_id, _sent)) WITHOUT ROWID;`
  )
}

/** The view of what waits to be sent: object, Id, what is to be done, and when it was edited last. */
export function pendingViewSql(objects: readonly SyncObject[]): string {
  const selects = objects.map((object) => {
    const [table, edits] = [quoteName(object.name), quoteName(editsTable(object))]
    return (
      `SELECT ${quoteText(object.name)} AS object, _id AS id, CASE WHEN "Id" IS NULL THEN 'delete' ` +
      `WHEN _existed THEN 'update' ELSE 'create' END AS operation, _at AS edited_at ` +
      `FROM ${edits} LEFT JOIN ${table} ON "Id" = _id WHERE _existed OR "Id" IS NOT NULL`
    )
  })
  return `DROP VIEW IF EXISTS sfbulk_pending; CREATE VIEW sfbulk_pending AS ${selects.join(' UNION ALL ')};`
}

/** A temporary Id, as SQL: never twice the same, without a counter that two clients would wait for. */
export const newLocalId = `${quoteText(localIdPrefix)} || lower(hex(randomblob(9)))`

function columnSql(field: SyncField, parents: ReadonlySet<string>): string {
  const reference = referenceSql(field, parents)
  return `${quoteName(field.name)} ${declaredType(field)}${field.required ? ' NOT NULL' : ''}${reference}`
}

/** The constraint of a reference, with a space before it; empty where it may point to what is not in the file. */
export function referenceSql(field: SyncField, parents: ReadonlySet<string>): string {
  const [parent, ...others] = field.referenceTo
  if (parent === undefined || others.length > 0 || !parents.has(parent)) return ''
  const onDelete = { cascade: ' ON DELETE CASCADE', 'set-null': ' ON DELETE SET NULL', restrict: '' }
  return ` REFERENCES ${quoteName(parent)} ("Id") ON UPDATE CASCADE${onDelete[field.onDelete ?? 'restrict']} DEFERRABLE INITIALLY DEFERRED`
}

function indexName(object: SyncObject, field: SyncField): string {
  return `${object.name}_${field.name}`
}

function indexSql(object: SyncObject, field: SyncField): string {
  return `CREATE INDEX ${quoteName(indexName(object, field))} ON ${quoteName(object.name)} (${quoteName(field.name)});`
}
