import { quoteName } from '../sqlite/database.ts'
import { normalizeId } from '../values/record-id.ts'
import { RowFault } from '../values/row-error.ts'
import type { WriteContext } from './dml-context.ts'
import { duplicateFault, loadOwners } from './dml-keys.ts'
import { removeRecords, restoreRecords } from './dml-recycle.ts'
import { EngineError, type WriteRequest, type WriteResult } from './engine.ts'
import type { StoredObject } from './schema.ts'

/**
 * Deletes records by Id: into the recycle bin, or past it for `hardDelete`, which also takes records that are in the bin.
 * Children that cannot be without their parent go with it, other lookups to it are emptied, and children that hold their
 * parent fast make the delete fail.
 */
export function deleteRecords(
  context: WriteContext,
  object: StoredObject,
  request: WriteRequest,
): readonly WriteResult[] {
  if (!object.deletable) throw unsupported(object, 'delete')
  const hard = request.operation === 'hardDelete'
  const rows = readIds(context, object, request, 'a delete')
  refuseRestricted(context, object, rows)
  const taken = new Set<string>()
  for (const row of rows) {
    if (row.fault !== undefined) continue
    if ((row.deleted && !hard) || taken.has(row.id)) row.fault = new RowFault('ENTITY_IS_DELETED', 'entity is deleted')
    taken.add(row.id)
  }
  removeRecords(context, object, liveIds(rows), hard)
  return rows.map(toResult)
}

/** Takes records out of the recycle bin, with the children that went there with them. */
export function undeleteRecords(
  context: WriteContext,
  object: StoredObject,
  request: WriteRequest,
): readonly WriteResult[] {
  if (!object.undeletable) throw unsupported(object, 'undelete')
  const rows = readIds(context, object, request, 'an undelete')
  const taken = new Set<string>()
  for (const row of rows) {
    if (row.fault !== undefined) continue
    if (!row.deleted || taken.has(row.id)) {
      row.fault = new RowFault('UNDELETE_FAILED', 'Entity is not in the recycle bin')
    }
    taken.add(row.id)
  }
  refuseTakenKeys(context, object, rows)
  restoreRecords(context, object, liveIds(rows))
  return rows.map(toResult)
}

interface IdRow {
  /** 18 characters; the text of the row when it is not an Id. */
  readonly id: string
  deleted: boolean
  fault: RowFault | undefined
}

function unsupported(object: StoredObject, operation: string): EngineError {
  return new EngineError('INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support ${operation}`)
}

function readIds(context: WriteContext, object: StoredObject, request: WriteRequest, call: string): IdRow[] {
  const cell = request.columns.findIndex(({ field, parent }) => parent === undefined && field.name === 'Id')
  const rows = request.rows.map((row): IdRow => {
    const text = (row[cell] ?? '').trim()
    const id = normalizeId(text)
    const right = id !== undefined && context.schema.findById(id) === object
    if (right) return { id, deleted: false, fault: undefined }
    const missing = new RowFault('MISSING_ARGUMENT', `Id not specified in ${call} call`)
    const wrong = new RowFault('MALFORMED_ID', `Record ID: id value of incorrect type: ${text}`, 'Id')
    return { id: id ?? text, deleted: false, fault: text === '' ? missing : wrong }
  })
  const sql = `SELECT Id, IsDeleted FROM ${quoteName(object.name)} WHERE Id IN (SELECT value FROM json_each(?))`
  const states = new Map(
    context
      .prepare(sql)
      .rows([JSON.stringify(liveIds(rows))])
      .map(([id, state]) => [id, state]),
  )
  for (const row of rows) {
    if (row.fault !== undefined) continue
    row.deleted = states.get(row.id) === 1
    if (!states.has(row.id)) row.fault = new RowFault('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  }
  return rows
}

function liveIds(rows: readonly IdRow[]): string[] {
  return rows.flatMap(({ id, fault }) => (fault === undefined ? [id] : []))
}

function toResult({ id, fault }: IdRow): WriteResult {
  return fault === undefined ? { id, created: false } : { id, created: false, error: fault.error }
}

/** Source of the wording: protocol notes, section 8, `DELETE_FAILED`. */
function refuseRestricted(context: WriteContext, object: StoredObject, rows: readonly IdRow[]): void {
  for (const { childSObject, field, restrictedDelete } of object.childRelationships) {
    const child = restrictedDelete ? context.schema.find(childSObject) : undefined
    if (child === undefined) continue
    const lookup = quoteName(field)
    const sql = `SELECT ${lookup}, ${nameColumn(child)} FROM ${quoteName(child.name)} WHERE IsDeleted = 0 AND ${lookup} IS NOT NULL AND ${lookup} IN (SELECT value FROM json_each(?))`
    const holders = new Map<string, string[]>()
    for (const [parent, name] of context.prepare(sql).rows([JSON.stringify(liveIds(rows))])) {
      holders.set(String(parent), [...(holders.get(String(parent)) ?? []), String(name)])
    }
    for (const row of rows) {
      const names = row.fault === undefined ? holders.get(row.id) : undefined
      if (names === undefined) continue
      const message = `Your attempt to delete ${nameOf(context, object, row.id)} could not be completed because it is associated with the following ${child.labelPlural.toLowerCase()}.: ${names.join(', ')}\n`
      row.fault = new RowFault('DELETE_FAILED', message)
    }
  }
}

function nameOf(context: WriteContext, object: StoredObject, id: string): string {
  const sql = `SELECT ${nameColumn(object)} FROM ${quoteName(object.name)} WHERE Id = ?`
  return String(context.prepare(sql).rows([id])[0]?.[0])
}

function nameColumn(object: StoredObject): string {
  return quoteName(object.fields.find(({ nameField }) => nameField)?.name ?? 'Id')
}

/** A record that was made since may hold a key of the one that comes back. */
function refuseTakenKeys(context: WriteContext, object: StoredObject, rows: readonly IdRow[]): void {
  for (const field of object.fields) {
    if (!field.unique) continue
    for (const row of rows) {
      if (row.fault !== undefined) continue
      const sql = `SELECT ${quoteName(field.name)} FROM ${quoteName(object.name)} WHERE Id = ?`
      const value = context.prepare(sql).rows([row.id])[0]?.[0] ?? null
      const owners = value === null ? [] : [...loadOwners(context, object.name, field, [value]).values()].flat()
      if (owners[0] !== undefined) row.fault = duplicateFault(field, owners[0])
    }
  }
}
