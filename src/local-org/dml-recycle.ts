import { quoteName } from './database.ts'
import type { WriteContext } from './dml-context.ts'
import { findField, type StoredObject } from './schema.ts'
import { blobTable } from './schema-tables.ts'

/** Puts records into the recycle bin or removes them for good, and does to their children what follows from it. */
export function removeRecords(
  context: WriteContext,
  object: StoredObject,
  ids: readonly string[],
  hard: boolean,
): void {
  if (ids.length === 0) return
  const list = JSON.stringify(ids)
  if (hard) {
    context.prepare(`DELETE FROM ${quoteName(object.name)} WHERE ${among('Id')}`).run([list])
    context.prepare(`DELETE FROM ${blobTable} WHERE ${among('id')}`).run([list])
  } else {
    changeRecords(context, object, 'IsDeleted = 1', list)
  }
  for (const { childSObject, field, cascadeDelete } of object.childRelationships) {
    const child = context.schema.find(childSObject)
    const lookup = child && findField(child, field)
    // Lookups to users have no index, and users are not deleted.
    if (child === undefined || lookup === undefined || lookup.referenceTo.includes('User')) continue
    const children = findChildren(context, child, field, list, hard ? 'any' : 'live')
    if (cascadeDelete) removeRecords(context, child, children, hard)
    else if (lookup.nillable && children.length > 0) {
      changeRecords(context, child, `${quoteName(field)} = NULL`, JSON.stringify(children))
    }
  }
}

/** Takes records out of the recycle bin, and the children that are deleted with their parent. */
export function restoreRecords(context: WriteContext, object: StoredObject, ids: readonly string[]): void {
  if (ids.length === 0) return
  const list = JSON.stringify(ids)
  changeRecords(context, object, 'IsDeleted = 0', list)
  for (const { childSObject, field, cascadeDelete } of object.childRelationships) {
    const child = cascadeDelete ? context.schema.find(childSObject) : undefined
    if (child === undefined) continue
    restoreRecords(context, child, findChildren(context, child, field, list, 'deleted'))
  }
}

function among(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?1))`
}

function findChildren(
  context: WriteContext,
  child: StoredObject,
  field: string,
  parents: string,
  state: keyof typeof stateConditions,
): string[] {
  const lookup = quoteName(field)
  const sql = `SELECT Id FROM ${quoteName(child.name)} WHERE ${stateConditions[state]}${lookup} IS NOT NULL AND ${among(lookup)}`
  return context
    .prepare(sql)
    .rows([parents])
    .map(([id]) => String(id))
}

const stateConditions = { live: 'IsDeleted = 0 AND ', deleted: 'IsDeleted = 1 AND ', any: '' }

/** Makes the same change to records and notes who made it and when. */
function changeRecords(context: WriteContext, object: StoredObject, change: string, list: string): void {
  const stamps = { SystemModstamp: '?2', LastModifiedDate: '?2', LastModifiedById: '?3' }
  const changes = Object.entries(stamps)
    .filter(([name]) => findField(object, name) !== undefined)
    .map(([name, value]) => `${name} = ${value}`)
  const sql = `UPDATE ${quoteName(object.name)} SET ${[change, ...changes].join(', ')} WHERE ${among('Id')}`
  context.prepare(sql).run([list, context.now, context.userId])
}
