import { quoteName, type SqlValue } from './database.ts'
import type { WriteContext } from './dml.ts'
import { duplicateFault, loadOwners } from './dml-keys.ts'
import { EngineError, type WriteRequest, type WriteResult } from './engine.ts'
import { normalizeId } from './ids.ts'
import { findField, type StoredObject } from './schema.ts'
import { blobTable } from './schema-tables.ts'
import { RowFault } from './values.ts'

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
  return eachRecord(context, object, request, 'delete', (id, deleted) => {
    if (deleted && !hard) throw new RowFault('ENTITY_IS_DELETED', 'entity is deleted')
    refuseRestricted(context, object, id)
    removeRecord(context, object, id, hard)
  })
}

/** Takes records out of the recycle bin, with the children that went there with them. */
export function undeleteRecords(
  context: WriteContext,
  object: StoredObject,
  request: WriteRequest,
): readonly WriteResult[] {
  if (!object.undeletable) throw unsupported(object, 'undelete')
  return eachRecord(context, object, request, 'undelete', (id, deleted) => {
    if (!deleted) throw new RowFault('UNDELETE_FAILED', 'Entity is not in the recycle bin')
    refuseTakenKeys(context, object, id)
    restoreRecord(context, object, id)
  })
}

function unsupported(object: StoredObject, operation: string): EngineError {
  return new EngineError('INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} does not support ${operation}`)
}

function eachRecord(
  context: WriteContext,
  object: StoredObject,
  request: WriteRequest,
  verb: string,
  act: (id: string, deleted: boolean) => void,
): readonly WriteResult[] {
  const cell = request.columns.findIndex(({ field, parent }) => parent === undefined && field.name === 'Id')
  return request.rows.map((row) => {
    const text = (row[cell] ?? '').trim()
    const id = normalizeId(text)
    try {
      if (text === '') throw new RowFault('MISSING_ARGUMENT', `Id not specified in ${verb} call`)
      if (id === undefined || context.schema.findById(id) !== object) {
        throw new RowFault('MALFORMED_ID', `Record ID: id value of incorrect type: ${text}`, 'Id')
      }
      act(id, isInRecycleBin(context, object, id))
      return { id, created: false }
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault
      return { id: id ?? text, created: false, error: fault.error }
    }
  })
}

function isInRecycleBin(context: WriteContext, object: StoredObject, id: string): boolean {
  const [found] = context.prepare(`SELECT IsDeleted FROM ${quoteName(object.name)} WHERE Id = ?`).rows([id])
  if (found === undefined) throw new RowFault('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  return found[0] === 1
}

/** Live children by relationship. */
function childrenOf(context: WriteContext, child: StoredObject, field: string, id: string, deleted = 0): string[] {
  const column = quoteName(field)
  const sql = `SELECT Id FROM ${quoteName(child.name)} WHERE IsDeleted = ${deleted} AND ${column} IS NOT NULL AND ${column} = ?`
  return context
    .prepare(sql)
    .rows([id])
    .map(([child]) => String(child))
}

function refuseRestricted(context: WriteContext, object: StoredObject, id: string): void {
  for (const { childSObject, field, restrictedDelete } of object.childRelationships) {
    const child = restrictedDelete ? context.schema.find(childSObject) : undefined
    const ids = child === undefined ? [] : childrenOf(context, child, field, id)
    if (child === undefined || ids.length === 0) continue
    const names = ids.map((childId) => nameOf(context, child, childId))
    const message = `Your attempt to delete ${nameOf(context, object, id)} could not be completed because it is associated with the following ${child.labelPlural.toLowerCase()}.: ${names.join(', ')}\n`
    throw new RowFault('DELETE_FAILED', message)
  }
}

function nameOf(context: WriteContext, object: StoredObject, id: string): string {
  const field = object.fields.find(({ nameField }) => nameField)
  if (field === undefined) return id
  const sql = `SELECT ${quoteName(field.name)} FROM ${quoteName(object.name)} WHERE Id = ?`
  return String(context.prepare(sql).rows([id])[0]?.[0])
}

function removeRecord(context: WriteContext, object: StoredObject, id: string, hard: boolean): void {
  const table = quoteName(object.name)
  if (hard) {
    context.prepare(`DELETE FROM ${table} WHERE Id = ?`).run([id])
    context.prepare(`DELETE FROM ${blobTable} WHERE id = ?`).run([id])
  } else {
    context.prepare(`UPDATE ${table} SET IsDeleted = 1${stampChanges(object)} WHERE Id = ?1`).run(stamped(context, id))
  }
  for (const { childSObject, field, cascadeDelete } of object.childRelationships) {
    const child = context.schema.find(childSObject)
    const lookup = child && findField(child, field)
    if (child === undefined || lookup === undefined || lookup.referenceTo.includes('User')) continue
    for (const childId of childrenOf(context, child, field, id)) {
      if (cascadeDelete) removeRecord(context, child, childId, hard)
      else if (lookup.nillable) emptyLookup(context, child, field, childId)
    }
  }
}

function emptyLookup(context: WriteContext, child: StoredObject, field: string, id: string): void {
  const sql = `UPDATE ${quoteName(child.name)} SET ${quoteName(field)} = NULL${stampChanges(child)} WHERE Id = ?1`
  context.prepare(sql).run(stamped(context, id))
}

/** A record that was made since may hold a key of the one that comes back. */
function refuseTakenKeys(context: WriteContext, object: StoredObject, id: string): void {
  for (const field of object.fields) {
    if (!field.unique) continue
    const sql = `SELECT ${quoteName(field.name)} FROM ${quoteName(object.name)} WHERE Id = ?`
    const value: SqlValue = context.prepare(sql).rows([id])[0]?.[0] ?? null
    const owners = value === null ? [] : [...loadOwners(context, object.name, field, [value]).values()].flat()
    if (owners[0] !== undefined) throw duplicateFault(field, owners[0])
  }
}

function restoreRecord(context: WriteContext, object: StoredObject, id: string): void {
  const sql = `UPDATE ${quoteName(object.name)} SET IsDeleted = 0${stampChanges(object)} WHERE Id = ?1`
  context.prepare(sql).run(stamped(context, id))
  for (const { childSObject, field, cascadeDelete } of object.childRelationships) {
    const child = cascadeDelete ? context.schema.find(childSObject) : undefined
    if (child === undefined) continue
    for (const childId of childrenOf(context, child, field, id, 1)) restoreRecord(context, child, childId)
  }
}

/** Assignments that note who changed the record and when; `stamped` gives their parameters. */
function stampChanges(object: StoredObject): string {
  const stamps = { SystemModstamp: '?2', LastModifiedDate: '?2', LastModifiedById: '?3' }
  return Object.entries(stamps)
    .filter(([name]) => findField(object, name) !== undefined)
    .map(([name, value]) => `, ${name} = ${value}`)
    .join('')
}

function stamped(context: WriteContext, id: string): SqlValue[] {
  return [id, context.now, context.userId]
}
