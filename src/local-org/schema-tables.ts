import { quoteName, quoteText, type Storage, selectRows } from '../sqlite/database.ts'
import type { Schema, StoredField, StoredObject } from './schema.ts'
import { derivedColumn } from './schema-derived.ts'

/** Name of the counter of an object's ids in `_sequence`; auto-number fields count under `Object.Field`. */
export const sequenceTable = '_sequence'

/** Bodies of binary fields, away from the records so that these stay small to read, and cut into pieces. */
export const blobTable = '_blob_piece'

/**
 * What a deleted parent took with it: the children that were deleted with it, and the lookups that were emptied. Undeleting
 * it brings both back.
 */
export const binTable = '_bin_link'

/**
 * Makes what is missing in the file: a table per object with a column per field, and indexes. A field that a describe
 * file has gained since becomes a new column; one that it has lost keeps its column unused.
 */
export function createTables(storage: Storage, schema: Schema): void {
  storage.exec(`
    CREATE TABLE IF NOT EXISTS ${sequenceTable} (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ${blobTable} (id TEXT NOT NULL, field TEXT NOT NULL, piece INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id, field, piece));
    CREATE TABLE IF NOT EXISTS ${binTable} (parent TEXT NOT NULL, object TEXT NOT NULL, field TEXT NOT NULL, child TEXT NOT NULL, cascade INTEGER NOT NULL, PRIMARY KEY (parent, object, field, child)) WITHOUT ROWID;
  `)
  for (const object of schema.objects) createTable(storage, object)
}

/** Whether the field has a column of its own: compound fields are made of their parts, bodies are kept apart. */
export function hasColumn(field: StoredField): boolean {
  return field.type !== 'address' && field.type !== 'location' && field.type !== 'base64'
}

/** Whether SQLite computes the field from others whenever it is read. */
export function isDerived(object: StoredObject, field: StoredField): boolean {
  return derivedColumn(object, field) !== undefined
}

/** Whether upper and lower case are different in the field's values. */
export function isCaseSensitive(field: StoredField): boolean {
  return field.caseSensitive || !textTypes.has(field.type)
}

const textTypes = new Set([
  'string',
  'textarea',
  'picklist',
  'multipicklist',
  'combobox',
  'email',
  'phone',
  'url',
  'encryptedstring',
  'anyType',
])

function createTable(storage: Storage, object: StoredObject): void {
  const columns = ['number INTEGER PRIMARY KEY', ...object.fields.filter(hasColumn).map((f) => columnOf(object, f))]
  if (!object.fields.some(({ name }) => name === 'IsDeleted')) columns.push(deletedColumn)
  const present = new Set(selectRows(storage, `SELECT name FROM pragma_table_xinfo(${quoteText(object.name)})`).flat())
  if (present.size === 0) storage.exec(`CREATE TABLE ${quoteName(object.name)} (${columns.join(', ')})`)
  else {
    for (const field of object.fields) {
      if (!hasColumn(field) || present.has(field.name)) continue
      storage.exec(`ALTER TABLE ${quoteName(object.name)} ADD COLUMN ${columnOf(object, field)}`)
    }
  }
  for (const field of object.fields) createIndex(storage, object, field)
}

const deletedColumn = 'IsDeleted INTEGER NOT NULL DEFAULT 0'

function columnOf(object: StoredObject, field: StoredField): string {
  if (field.name === 'IsDeleted') return deletedColumn
  const type = `${quoteName(field.name)} ${storageType(field)}`
  const derived = derivedColumn(object, field)
  if (derived === undefined) return field.type === 'boolean' ? `${type} NOT NULL DEFAULT 0` : type
  return `${type} GENERATED ALWAYS AS (${derived}) VIRTUAL`
}

function storageType(field: StoredField): string {
  if (field.type === 'boolean' || field.type === 'int' || field.type === 'long') return 'INTEGER'
  if (field.type === 'double' || field.type === 'currency' || field.type === 'percent') return 'REAL'
  return isCaseSensitive(field) ? 'TEXT' : 'TEXT COLLATE NOCASE'
}

/**
 * Indexes of keys hold live records only: a record in the recycle bin does not stand in the way of its successor. Lookups
 * are indexed where they are set, for deletes and for children; every record has an owner and an author, and users are
 * not deleted, so lookups to users are not.
 */
function createIndex(storage: Storage, object: StoredObject, field: StoredField): void {
  const kind = indexOf(object, field)
  if (kind === undefined) return
  const column = quoteName(field.name)
  const name = quoteName(`${object.name}.${field.name}`)
  const live = field.type === 'reference' ? '' : ' AND IsDeleted = 0'
  const condition = field.name === 'Id' ? '' : ` WHERE ${column} IS NOT NULL${live}`
  storage.exec(`CREATE ${kind} IF NOT EXISTS ${name} ON ${quoteName(object.name)} (${column})${condition}`)
}

function indexOf(object: StoredObject, field: StoredField): 'UNIQUE INDEX' | 'INDEX' | undefined {
  if (!hasColumn(field) || isDerived(object, field)) return undefined
  if (field.name === 'Id' || field.unique || field.autoNumber) return 'UNIQUE INDEX'
  if (field.externalId || field.idLookup) return 'INDEX'
  return field.type === 'reference' && !field.referenceTo.includes('User') ? 'INDEX' : undefined
}
