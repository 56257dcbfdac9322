import { isUpsertKey } from '../org/object-description.ts'
import { EngineError, type WriteColumn } from './engine.ts'
import { findField, type Schema, type StoredField, type StoredObject } from './schema.ts'

/**
 * What the columns of a write mean. `Field` is a field; `Relationship.Key` and, for a lookup to several objects,
 * `Object:Relationship.Key` are a parent by external ID. Throws `EngineError` for a name that is neither.
 * Source: Bulk API guide, "Relationship fields in a header row"; protocol notes 2.4.
 */
export function readColumns(schema: Schema, object: StoredObject, names: readonly string[]): readonly WriteColumn[] {
  return names.map((name) => readColumn(schema, object, name))
}

function readColumn(schema: Schema, object: StoredObject, name: string): WriteColumn {
  const direct = findField(object, name)
  if (direct !== undefined) return { name, field: direct }
  const match = /^(?:(\w+):)?(\w+)\.(\w+)$/.exec(name)
  const field = match?.[2] === undefined ? undefined : findLookup(object, match[2])
  if (match === null || field === undefined) throw unknownColumn(object, name)
  const parentObject = schema.find(parentName(field, match[1]) ?? '')
  if (parentObject === undefined) throw unknownColumn(object, name)
  const key = findField(parentObject, match[3] ?? '')
  if (key === undefined || !isUpsertKey(key)) {
    const message = `Field name provided, ${match[3]} does not match an External ID, Salesforce Id, or indexed field for ${parentObject.name}`
    throw new EngineError('INVALID_FIELD', message)
  }
  return { name, field, parent: { object: parentObject.name, field: key } }
}

/** Lookup field by the name of its relationship, any case. */
function findLookup(object: StoredObject, relationship: string): StoredField | undefined {
  const wanted = relationship.toLowerCase()
  return object.fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === wanted)
}

/**
 * The object is named where the lookup has several, and only there. Owners are the exception that the guide's own sample
 * makes: without a name they are users.
 */
function parentName(field: StoredField, named: string | undefined): string | undefined {
  if (field.referenceTo.length === 1) return named === undefined ? field.referenceTo[0] : undefined
  if (named === undefined) return field.name === 'OwnerId' ? 'User' : undefined
  return field.referenceTo.find((object) => object.toLowerCase() === named.toLowerCase())
}

function unknownColumn(object: StoredObject, name: string): EngineError {
  return new EngineError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`)
}
