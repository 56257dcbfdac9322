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
  const names = new Set(['Id', ...fields.map((field) => field.trim()).filter((name) => name.toLowerCase() !== 'id')])
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

/** Objects that Ids belong to by their prefix. One of a prefix that there is not goes with the Id before it. */
export function findObjectsOfIds(engine: Engine, ids: readonly string[]): readonly ObjectDescription[] {
  const objects = engine.objects()
  let last = objects[0]
  return ids.flatMap((id) => {
    last = objects.find(({ keyPrefix }) => keyPrefix === id.slice(0, 3)) ?? last
    return last ?? []
  })
}

function soqlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

function soqlValue(engine: Engine, object: string, field: string, value: string): string {
  const type = engine.describe(object)?.fields.find(({ name }) => name.toLowerCase() === field.toLowerCase())?.type
  const isNumber = type === 'double' || type === 'int' || type === 'currency' || type === 'percent'
  return isNumber && /^-?\d+(\.\d+)?$/.test(value) ? value : soqlText(value)
}
