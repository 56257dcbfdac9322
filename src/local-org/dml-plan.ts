import { isRequiredOnInsert, isUpsertKey } from '../org/object-description.ts'
import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { type ValueReader, valueReader } from '../values/read-value.ts'
import { rulesOf } from './dml-rules.ts'
import { EngineError, type WriteRequest } from './engine.ts'
import type { RecordRule } from './record-rule.ts'
import { defaultRecordType, recordTypesOf } from './record-types.ts'
import { findField, type Schema, type StoredField, type StoredObject } from './schema.ts'
import { hasColumn, isDerived } from './schema-tables.ts'

/** Where one column of a request goes. */
export interface PlanColumn {
  /** Index of the cell in a row. */
  readonly cell: number
  /** Index of the field among the plan's targets. */
  readonly target: number
  readonly field: StoredField
  readonly read: ValueReader
  readonly parent:
    | { readonly object: StoredObject; readonly field: StoredField; readonly read: ValueReader }
    | undefined
}

/**
 * How rows with the same columns are written: made once, used for every chunk. A record in the making is an array of
 * values, one for each target.
 */
export interface WritePlan {
  readonly object: StoredObject
  readonly operation: 'insert' | 'update' | 'upsert'
  /** Field that says which record a row means; `undefined` for inserts. */
  readonly key: StoredField | undefined
  readonly keyCell: number
  readonly readKey: ValueReader | undefined
  readonly idCell: number
  readonly columns: readonly PlanColumn[]
  /** Columns whose field may not be set on a new record, or on an existing one. */
  readonly notCreateable: readonly PlanColumn[]
  readonly notUpdateable: readonly PlanColumn[]
  readonly targets: readonly StoredField[]
  /** Index of a target by its field's name. */
  readonly positions: ReadonlyMap<string, number>
  /** What a target holds in a new record when the row does not say. */
  readonly defaults: readonly SqlValue[]
  /** Required fields that no column sets: every insert fails for them. */
  readonly missing: readonly string[]
  readonly required: readonly number[]
  readonly notNull: readonly number[]
  readonly references: readonly number[]
  readonly uniques: readonly { readonly field: StoredField; readonly target: number }[]
  readonly blobs: readonly number[]
  readonly rules: readonly RecordRule[]
  /** Targets with a column; the order of values in `insertSql` after number, Id, time and user. */
  readonly inserted: readonly number[]
  /** The order of values in `updateSql` after number, time and user. */
  readonly updated: readonly number[]
  /** Records by Id: number, Id, IsDeleted, then the values of `inserted`. */
  readonly selectSql: string
  readonly insertSql: string
  readonly updateSql: string
}

/** Throws `EngineError` for a key that an upsert cannot use, and for an object that cannot be written so. */
export function planWrite(schema: Schema, object: StoredObject, request: WriteRequest): WritePlan {
  const operation = request.operation
  if (operation !== 'insert' && operation !== 'update' && operation !== 'upsert') {
    throw new EngineError('INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support ${operation}`)
  }
  refuseObject(object, operation)
  const key = operation === 'insert' ? undefined : findKey(object, operation, request.externalIdField)
  const given = request.columns.map(({ field }) => storedField(object, field.name))
  const rules = rulesOf(object.name)
  const targets = chooseTargets(object, operation, given, rules)
  const positions = new Map(targets.map((field, index) => [field.name, index]))
  const columns = readPlanColumns(schema, request, given, positions)
  const cellOf = (field: StoredField | undefined): number =>
    request.columns.findIndex((column) => column.parent === undefined && column.field.name === field?.name)
  const chosen = new Set(columns.map(({ target }) => target))
  const indexes = (test: (field: StoredField, index: number) => boolean): number[] =>
    targets.flatMap((field, index) => (test(field, index) ? [index] : []))
  const inserted = indexes((field) => hasColumn(field))
  const carried = new Set(rules.flatMap(({ fields }) => fields))
  // The key of an upsert is what it was: writing it again would only cost its index.
  const updated = indexes(
    (field, index) => hasColumn(field) && field !== key && (chosen.has(index) || carried.has(field.name)),
  )
  return {
    object,
    operation,
    key,
    keyCell: cellOf(key),
    readKey: key && valueReader(key),
    idCell: request.columns.findIndex(({ field, parent }) => parent === undefined && field.name === 'Id'),
    columns,
    notCreateable: columns.filter(({ field }) => !field.createable),
    notUpdateable: columns.filter(({ field }) => !field.updateable && field !== key),
    targets,
    positions,
    defaults: targets.map((field) => (field.name === 'RecordTypeId' ? defaultRecordType(object) : defaultOf(field))),
    missing: object.fields.filter((f) => isRequiredOnInsert(f) && !positions.has(f.name)).map(({ name }) => name),
    required: indexes((field) => isRequiredOnInsert(field)),
    notNull: indexes((field) => !field.nillable && field.createable),
    references: indexes((field, index) => field.type === 'reference' && chosen.has(index)),
    uniques: targets.flatMap((field, target) => (field.unique ? [{ field, target }] : [])),
    blobs: indexes((field) => field.type === 'base64'),
    rules,
    inserted,
    updated,
    ...compileStatements(object, targets, inserted, updated),
  }
}

function refuseObject(object: StoredObject, operation: string): void {
  const allowed = operation === 'update' ? object.updateable : object.createable
  if (allowed) return
  throw new EngineError('INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support ${operation}`)
}

function findKey(object: StoredObject, operation: string, name: string | undefined): StoredField {
  const field = operation === 'update' ? 'Id' : (name ?? '')
  const key = findField(object, field)
  if (key !== undefined && isUpsertKey(key)) return key
  const message = `Field name provided, ${field} does not match an External ID, Salesforce Id, or indexed field for ${object.name}`
  throw new EngineError('NOT_FOUND', message)
}

function storedField(object: StoredObject, name: string): StoredField {
  const field = findField(object, name)
  if (field === undefined) {
    throw new EngineError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`)
  }
  return field
}

/** Fields that the rows set, that the object's rules read or set, and that have a default in a new record. */
function chooseTargets(
  object: StoredObject,
  operation: string,
  given: readonly StoredField[],
  rules: readonly RecordRule[],
): StoredField[] {
  const named = new Set(given.filter((field) => field.name !== 'Id').map(({ name }) => name))
  for (const rule of rules) for (const name of rule.fields) named.add(name)
  if (recordTypesOf(object).length > 0) named.add('RecordTypeId')
  if (operation !== 'update') {
    for (const field of object.fields) if (field.autoNumber || isDefaulted(field)) named.add(field.name)
  }
  return object.fields.filter((field) => named.has(field.name) && !isSystemField(field) && !isDerived(object, field))
}

function isDefaulted(field: StoredField): boolean {
  return field.defaultedOnCreate && (defaultOf(field) !== null || field.createable)
}

/** Fields that the engine itself keeps, for every object alike. */
function isSystemField(field: StoredField): boolean {
  return systemFields.has(field.name)
}

const systemFields = new Set([
  'Id',
  'IsDeleted',
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
])

function defaultOf(field: StoredField): SqlValue {
  if (field.type === 'boolean') return field.defaultValue === true ? 1 : 0
  const picked = field.picklistValues.find(({ defaultValue }) => defaultValue)
  if (picked !== undefined) return picked.value
  return typeof field.defaultValue === 'string' || typeof field.defaultValue === 'number' ? field.defaultValue : null
}

/** Columns of the record's own Id are no targets; those of derived and system fields are kept to be refused. */
function readPlanColumns(
  schema: Schema,
  request: WriteRequest,
  given: readonly StoredField[],
  positions: ReadonlyMap<string, number>,
): PlanColumn[] {
  return request.columns.flatMap(({ parent }, cell): PlanColumn[] => {
    const field = given[cell]
    if (field === undefined || (field.name === 'Id' && parent === undefined)) return []
    const parentObject = parent === undefined ? undefined : schema.find(parent.object)
    const parentKey = parentObject && parent ? findField(parentObject, parent.field.name) : undefined
    const column = { cell, target: positions.get(field.name) ?? -1, field, read: valueReader(field) }
    if (parentObject === undefined || parentKey === undefined) return [{ ...column, parent: undefined }]
    return [{ ...column, parent: { object: parentObject, field: parentKey, read: valueReader(parentKey) } }]
  })
}

function compileStatements(
  object: StoredObject,
  targets: readonly StoredField[],
  inserted: readonly number[],
  updated: readonly number[],
): Pick<WritePlan, 'selectSql' | 'insertSql' | 'updateSql'> {
  const table = quoteName(object.name)
  const column = (index: number): string => quoteName(targets[index]?.name ?? '')
  const has = (name: string): boolean => findField(object, name) !== undefined
  const created = { CreatedDate: '?3', CreatedById: '?4', LastModifiedDate: '?3', LastModifiedById: '?4' }
  const stamps = Object.entries({ ...created, SystemModstamp: '?3' }).filter(([name]) => has(name))
  const names = ['number', 'Id', ...stamps.map(([name]) => name), ...inserted.map(column)]
  const values = ['?1', '?2', ...stamps.map(([, value]) => value), ...inserted.map((_, index) => `?${index + 5}`)]
  const changes = [
    ...(has('LastModifiedDate') ? ['LastModifiedDate = ?2'] : []),
    ...(has('LastModifiedById') ? ['LastModifiedById = ?3'] : []),
    ...(has('SystemModstamp') ? ['SystemModstamp = ?2'] : []),
    ...updated.map((target, index) => `${column(target)} = ?${index + 4}`),
  ]
  return {
    selectSql: `SELECT ${['number', 'Id', 'IsDeleted', ...inserted.map(column)].join(', ')} FROM ${table} WHERE Id IN (SELECT value FROM json_each(?))`,
    insertSql: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`,
    updateSql: `UPDATE ${table} SET ${changes.join(', ')} WHERE number = ?1`,
  }
}
