import { quoteName } from '../sqlite/database.ts'
import type { WriteContext } from './dml-context.ts'
import { findField, type StoredObject } from './schema.ts'
import { binTable, blobTable } from './schema-tables.ts'

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
    if (!cascadeDelete && !lookup.nillable) continue
    if (!hard) noteLinks(context, child, field, cascadeDelete, list)
    const children = findChildren(context, child, field, list, hard ? 'any' : 'live')
    if (cascadeDelete) removeRecords(context, child, children, hard)
    else if (children.length > 0) {
      changeRecords(context, child, `${quoteName(field)} = NULL`, JSON.stringify(children))
    }
  }
  if (hard) context.prepare(`DELETE FROM ${binTable} WHERE ${among('parent')}`).run([list])
}

/**
 * Takes records out of the recycle bin, and what went there with them: children deleted by the same call, and lookups that it
 * emptied and nobody has filled since. Source: Salesforce Help, "Restore Records from the Recycle Bin".
 */
export function restoreRecords(context: WriteContext, object: StoredObject, ids: readonly string[]): void {
  if (ids.length === 0) return
  const list = JSON.stringify(ids)
  changeRecords(context, object, 'IsDeleted = 0', list)
  for (const { child, field, cascade } of linksOf(context, list)) {
    if (cascade) restoreRecords(context, child, deletedWith(context, child, field, list))
    else refillLookups(context, child, field, list)
  }
  context.prepare(`DELETE FROM ${binTable} WHERE ${among('parent')}`).run([list])
}

/** Keeps who goes with the records of a list, or loses its lookup to them. */
function noteLinks(context: WriteContext, child: StoredObject, field: string, cascade: boolean, parents: string): void {
  const lookup = quoteName(field)
  const sql = `INSERT OR REPLACE INTO ${binTable} SELECT ${lookup}, ?2, ?3, Id, ?4 FROM ${quoteName(child.name)} WHERE IsDeleted = 0 AND ${lookup} IS NOT NULL AND ${among(lookup)}`
  context.prepare(sql).run([parents, child.name, field, cascade ? 1 : 0])
}

interface BinLink {
  readonly child: StoredObject
  readonly field: string
  readonly cascade: boolean
}

function linksOf(context: WriteContext, parents: string): readonly BinLink[] {
  return context
    .prepare(`SELECT DISTINCT object, field, cascade FROM ${binTable} WHERE ${among('parent')}`)
    .rows([parents])
    .flatMap(([name, field, cascade]) => {
      const child = context.schema.find(String(name))
      return child === undefined ? [] : [{ child, field: String(field), cascade: cascade === 1 }]
    })
}

function deletedWith(context: WriteContext, child: StoredObject, field: string, parents: string): string[] {
  const links = `SELECT child FROM ${binTable} WHERE ${among('parent')} AND object = ?2 AND field = ?3`
  return context
    .prepare(`SELECT Id FROM ${quoteName(child.name)} WHERE IsDeleted = 1 AND Id IN (${links})`)
    .rows([parents, child.name, field])
    .map(([id]) => String(id))
}

function refillLookups(context: WriteContext, child: StoredObject, field: string, parents: string): void {
  const lookup = quoteName(field)
  const link = `FROM ${binTable} WHERE object = ?2 AND field = ?3 AND child = ${quoteName(child.name)}.Id AND ${among('parent')}`
  const sql = `UPDATE ${quoteName(child.name)} SET ${lookup} = (SELECT parent ${link}) WHERE IsDeleted = 0 AND ${lookup} IS NULL AND Id IN (SELECT child FROM ${binTable} WHERE object = ?2 AND field = ?3 AND ${among('parent')})`
  context.prepare(sql).run([parents, child.name, field])
}

function among(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?1))`
}

function findChildren(
  context: WriteContext,
  child: StoredObject,
  field: string,
  parents: string,
  state: 'live' | 'any',
): string[] {
  const lookup = quoteName(field)
  const sql = `SELECT Id FROM ${quoteName(child.name)} WHERE ${state === 'live' ? 'IsDeleted = 0 AND ' : ''}${lookup} IS NOT NULL AND ${among(lookup)}`
  return context
    .prepare(sql)
    .rows([parents])
    .map(([id]) => String(id))
}

/** Makes the same change to records and notes who made it and when. */
function changeRecords(context: WriteContext, object: StoredObject, change: string, list: string): void {
  const stamps = { SystemModstamp: '?2', LastModifiedDate: '?2', LastModifiedById: '?3' }
  const changes = Object.entries(stamps)
    .filter(([name]) => findField(object, name) !== undefined)
    .map(([name, value]) => `${name} = ${value}`)
  const sql = `UPDATE ${quoteName(object.name)} SET ${[change, ...changes].join(', ')} WHERE ${among('Id')}`
  context.prepare(sql).run([list, context.now, context.userId])
}
