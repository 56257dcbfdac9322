import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { formatId } from '../values/record-id.ts'
import type { WriteContext } from './dml-context.ts'
import { findField, type Schema, type StoredObject } from './schema.ts'
import { reserveNumbers } from './sequences.ts'

/** Stores a record that the org makes by itself, unchecked, and returns its Id. */
export function insertSystemRecord(
  context: WriteContext,
  object: StoredObject,
  values: Readonly<Record<string, SqlValue>>,
): string {
  const [number = 0] = reserveNumbers(context, object.name, 1)
  const id = formatId(object.keyPrefix, number)
  const stamped: Record<string, SqlValue> = {
    number,
    Id: id,
    CreatedDate: context.now,
    CreatedById: context.userId,
    LastModifiedDate: context.now,
    LastModifiedById: context.userId,
    SystemModstamp: context.now,
    OwnerId: context.userId,
    ...values,
  }
  const names = Object.keys(stamped).filter((name) => name === 'number' || findField(object, name) !== undefined)
  const sql = `INSERT INTO ${quoteName(object.name)} (${names.map(quoteName).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  context.prepare(sql).run(names.map((name) => stamped[name] ?? null))
  return String(stamped.Id)
}

/** A built-in object. A folder of describe files can replace it, not remove it. */
export function requireObject(schema: Schema, name: string): StoredObject {
  const object = schema.find(name)
  if (object === undefined) throw new Error(`The built-in object ${name} is not described.`)
  return object
}
