import type { ObjectDescription } from '../../org/object-description.ts'
import type { Engine } from '../engine.ts'

/** Records by Id as REST spells them, under the first 15 characters of their Ids. Those that are not there are absent. */
export function readRecords(
  engine: Engine,
  object: string,
  ids: readonly string[],
  fields: readonly string[],
  version: number,
): ReadonlyMap<string, Record<string, unknown>> {
  const names = new Set(['Id', ...fields.map((field) => field.trim())])
  const list = ids.map((id) => soqlText(id)).join(',')
  const result = engine.query(`SELECT ${[...names].join(',')} FROM ${object} WHERE Id IN (${list})`, {
    all: false,
    surface: 'rest',
  })
  const records = result.records(0, ids.length, `${version}.0`)
  result.close()
  return new Map(records.map((record) => [String(record.Id).slice(0, 15), record]))
}

/** Ids of the records whose field has the value. */
export function findByField(engine: Engine, object: string, field: string, value: string): readonly string[] {
  const result = engine.query(`SELECT Id FROM ${object} WHERE ${field} = ${soqlValue(engine, object, field, value)}`, {
    all: false,
    surface: 'rest',
  })
  const ids = result.cells(0, result.totalSize).map(([id]) => String(id))
  result.close()
  return ids
}

/** Object that an Id belongs to by its prefix; any other for a prefix of none, whose Ids are then not there. */
export function findObjectOfId(engine: Engine, id: string): ObjectDescription {
  const objects = engine.objects()
  const found = objects.find(({ keyPrefix }) => keyPrefix === id.slice(0, 3)) ?? objects[0]
  if (found === undefined) throw new Error('An org has objects')
  return found
}

function soqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function soqlValue(engine: Engine, object: string, field: string, value: string): string {
  const type = engine.describe(object)?.fields.find(({ name }) => name.toLowerCase() === field.toLowerCase())?.type
  const isNumber = type === 'double' || type === 'int' || type === 'currency' || type === 'percent'
  return isNumber && /^-?\d+(\.\d+)?$/.test(value) ? value : soqlText(value)
}
