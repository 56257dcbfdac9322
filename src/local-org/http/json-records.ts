import type { ObjectDescription } from '../../org/object-description.ts'
import type { WriteOperation, WriteRequest, WriteValue } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { isObject } from './api-request.ts'
import { Refusal } from './refusal.ts'

/** A record as REST takes it: fields, `attributes`, parents by external ID as objects of their own. */
export type JsonRecord = Readonly<Record<string, unknown>>

/**
 * Turns records of one object into a write: a column for each field that any of them has. A field that a record does not
 * have is left alone, null and the empty text make it null. Throws `EngineError` for a field that does not exist.
 */
export function toWriteRequest(
  { engine }: Pick<OrgParts, 'engine'>,
  object: ObjectDescription,
  operation: WriteOperation,
  records: readonly JsonRecord[],
): WriteRequest {
  const cells = records.map((record) => new Map(flatten(object, record)))
  const names = [...new Set(cells.flatMap((row) => [...row.keys()]))]
  return {
    object: object.name,
    operation,
    columns: engine.columns(object.name, operation, names),
    rows: cells.map((row) => names.map((name) => row.get(name))),
  }
}

function flatten(object: ObjectDescription, record: JsonRecord): (readonly [string, WriteValue])[] {
  return Object.entries(record)
    .filter(([key]) => key !== 'attributes')
    .map(([key, value]) => {
      if (isObject(value)) return flattenParent(object, key, value)
      return [key.toLowerCase() === 'id' ? 'Id' : key, readValue(key, value)] as const
    })
}

/**
 * `"Account":{"Ext__c":"A1"}` is the column `Account.Ext__c`; where there are several parents, `Account:What.Ext__c`. A
 * type that the lookup does not refer to gives a column that does not exist.
 */
function flattenParent(
  object: ObjectDescription,
  relationship: string,
  parent: JsonRecord,
): readonly [string, WriteValue] {
  const keys = Object.keys(parent).filter((key) => key !== 'attributes')
  const [key] = keys
  if (key === undefined || keys.length !== 1) {
    throw new Refusal(400, 'INVALID_FIELD', `A parent is named by one external ID: ${relationship}`)
  }
  const wanted = relationship.toLowerCase()
  const field = object.fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === wanted)
  const type = isObject(parent.attributes) ? String(parent.attributes.type ?? '') : ''
  const parents = field?.referenceTo ?? []
  const isOnly = parents.length === 1 && parents[0]?.toLowerCase() === type.toLowerCase()
  const prefix = field !== undefined && type !== '' && !isOnly ? `${type}:` : ''
  return [`${prefix}${relationship}.${key}`, readValue(key, parent[key])]
}

function readValue(key: string, value: unknown): WriteValue {
  if (value === undefined) return undefined
  if (value === null || value === '') return null
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new Refusal(400, 'JSON_PARSER_ERROR', `A text, number, boolean or null was expected for "${key}"`)
}
