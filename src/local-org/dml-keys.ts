import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { RowFault } from '../values/row-error.ts'
import type { WriteContext } from './dml-context.ts'
import type { Draft } from './dml-drafts.ts'
import type { WritePlan } from './dml-plan.ts'
import type { StoredField } from './schema.ts'
import { isCaseSensitive } from './schema-tables.ts'

/** Ids of the live records that hold a key, by the key's `keyText`. */
export type KeyOwners = Map<string, string[]>

/** Who holds the values that the rows want for a unique field. */
export function findOwners(
  context: WriteContext,
  plan: WritePlan,
  field: StoredField,
  drafts: readonly Draft[],
): KeyOwners {
  const target = plan.positions.get(field.name) ?? -1
  const wanted = drafts.flatMap((draft) => draft.values[target] ?? [])
  return loadOwners(context, plan.object.name, field, wanted)
}

/** Ids of the live records whose field has one of the values. */
export function loadOwners(
  context: WriteContext,
  object: string,
  field: StoredField,
  wanted: readonly SqlValue[],
): KeyOwners {
  const owners: KeyOwners = new Map()
  if (wanted.length === 0) return owners
  const column = quoteName(field.name)
  const sql = `SELECT ${column}, Id FROM ${quoteName(object)} WHERE IsDeleted = 0 AND ${column} IS NOT NULL AND ${column} IN (SELECT value FROM json_each(?)) ORDER BY number`
  for (const [value, id] of context.prepare(sql).rows([JSON.stringify([...new Set(wanted)])])) {
    const key = keyText(field, value ?? null)
    const held = owners.get(key)
    if (held === undefined) owners.set(key, [String(id)])
    else held.push(String(id))
  }
  return owners
}

/** Keys that are the same give the same text. SQLite folds the letters A to Z alone, and so does this. */
export function keyText(field: StoredField, value: SqlValue): string {
  const text = String(value)
  return isCaseSensitive(field) ? text : text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Gives a value of a unique field to a record, and frees the one that it had. Throws `RowFault` when it is taken. */
export function claimKey(
  field: StoredField,
  owners: KeyOwners | undefined,
  value: SqlValue,
  previous: SqlValue,
  id: string,
): void {
  if (owners === undefined || (value === previous && value !== null && owners.get(keyText(field, value))?.[0] === id))
    return
  if (value !== null) {
    const owner = owners.get(keyText(field, value))?.find((held) => held !== id)
    if (owner !== undefined) throw duplicateFault(field, owner)
  }
  if (previous !== null) owners.delete(keyText(field, previous))
  if (value !== null) owners.set(keyText(field, value), [id])
}

export function duplicateFault(field: StoredField, owner: string): RowFault {
  if (field.name === 'Username') {
    const message = 'Duplicate Username.<br>The username already exists in this or another Salesforce organization.'
    return new RowFault('DUPLICATE_USERNAME', message, field.name)
  }
  const message = `duplicate value found: ${field.name} duplicates value on record with id: ${owner}`
  return new RowFault('DUPLICATE_VALUE', message, field.name)
}
