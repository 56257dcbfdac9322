import type { SqlValue } from '../sqlite/database.ts'
import { RowFault } from '../values/row-error.ts'
import type { WriteContext } from './dml-context.ts'
import { findField, type Schema, type StoredField, type StoredObject } from './schema.ts'
import { insertSystemRecord, requireObject } from './system-records.ts'

/** The record type of objects that have none. */
export const masterRecordTypeId = '012000000000000AAA'

/** The record types of an object besides the master. */
export function recordTypesOf(object: StoredObject): NonNullable<StoredObject['recordTypeInfos']> {
  return (object.recordTypeInfos ?? []).filter(
    ({ master, recordTypeId }) => !master && recordTypeId !== masterRecordTypeId,
  )
}

/** The record type that a new record gets when its row names none. */
export function defaultRecordType(object: StoredObject): string | null {
  return recordTypesOf(object).find(({ defaultRecordTypeMapping }) => defaultRecordTypeMapping)?.recordTypeId ?? null
}

/** Values of a picklist that records of a type may have: those that a describe file gives the type, or else all of the field. */
export function picklistValuesOf(object: StoredObject, recordTypeId: string, field: StoredField): readonly string[] {
  const own = object.recordTypePicklists?.[recordTypeId]?.[field.name]
  const active = field.picklistValues.filter((each) => each.active).map(({ value }) => value)
  return own === undefined ? active : active.filter((value) => own.includes(value))
}

/** Throws a `RowFault` for a value that the field has and the record type does not. `given`: fields that the row sets. */
export function checkRecordType(
  object: StoredObject,
  recordTypeId: SqlValue,
  given: readonly { readonly field: StoredField; readonly value: SqlValue }[],
): void {
  if (recordTypeId === null) return
  const types = recordTypesOf(object)
  if (!types.some((type) => type.recordTypeId === recordTypeId)) {
    throw new RowFault('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'RecordTypeId')
  }
  for (const { field, value } of given) {
    if (!field.restrictedPicklist || value === null) continue
    const allowed = picklistValuesOf(object, String(recordTypeId), field)
    const values = field.type === 'multipicklist' ? String(value).split(';') : [String(value)]
    const bad = values.find((each) => !allowed.includes(each))
    if (bad === undefined) continue
    const message = `${field.label}: bad value for restricted picklist field: ${bad}`
    throw new RowFault('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message, field.name)
  }
}

/** Gives the org a RecordType record for each record type that a description names and that is not there. */
export function seedRecordTypes(context: WriteContext, schema: Schema): void {
  const recordType = requireObject(schema, 'RecordType')
  const known = context.prepare('SELECT 1 FROM "RecordType" WHERE Id = ?')
  for (const object of schema.objects) {
    if (findField(object, 'RecordTypeId') === undefined) continue
    for (const { recordTypeId, name, developerName, active } of recordTypesOf(object)) {
      if (known.rows([recordTypeId]).length > 0) continue
      insertSystemRecord(context, recordType, {
        Id: recordTypeId,
        Name: name ?? developerName ?? recordTypeId,
        DeveloperName: developerName ?? name ?? recordTypeId,
        SobjectType: object.name,
        IsActive: active === false ? 0 : 1,
      })
    }
  }
}
