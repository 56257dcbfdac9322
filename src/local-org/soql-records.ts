import type { SqlValue } from '../sqlite/database.ts'
import type { CellValue } from './engine.ts'
import type { RecordShape, ShapeMember } from './soql-shape.ts'

/** A cell of the database as the engine's callers know it. */
export function readCell(type: string, value: SqlValue): CellValue {
  return type === 'boolean' && value !== null ? value === 1 : value
}

/**
 * A row as REST spells it: `attributes` first, parents and children nested. Source: REST guide, "Query"; protocol notes 6.2.
 */
export function buildRecord(shape: RecordShape, row: readonly SqlValue[], apiVersion: string): Record<string, unknown> {
  const id = row[shape.id]
  const object = shape.objects?.get(String(id).slice(0, 3)) ?? shape.object
  const url = `/services/data/v${apiVersion}/sobjects/${object}/${id}`
  const attributes = shape.id < 0 ? { type: shape.object } : { type: shape.object, url }
  const record: Record<string, unknown> = { attributes }
  for (const member of shape.members) record[member.key] = readMember(member, row, shape, apiVersion)
  return record
}

function readMember(member: ShapeMember, row: readonly SqlValue[], shape: RecordShape, apiVersion: string): unknown {
  switch (member.kind) {
    case 'value':
      return spellValue(member, row[member.cell] ?? null, shape, apiVersion)
    case 'parent':
      return row[member.shape.id] == null ? null : buildRecord(member.shape, row, apiVersion)
    case 'children': {
      const rows = JSON.parse(String(row[member.cell] ?? '[]')) as SqlValue[][]
      const records = rows.map((child) => buildRecord(member.shape, child, apiVersion))
      return records.length === 0 ? null : { totalSize: records.length, done: true, records }
    }
    case 'typeof':
      return readTypeof(member, row, apiVersion)
  }
}

function spellValue(
  { type, field }: Extract<ShapeMember, { kind: 'value' }>,
  value: SqlValue,
  shape: RecordShape,
  apiVersion: string,
): unknown {
  if (value === null) return null
  switch (type) {
    case 'boolean':
      return value === 1
    case 'datetime':
      return String(value).replace(/Z$/, '+0000')
    case 'address':
    case 'location':
      return JSON.parse(String(value))
    case 'base64':
      return `/services/data/v${apiVersion}/sobjects/${shape.object}/${value}/${field}`
    default:
      return value
  }
}

function readTypeof(
  { cell, id, branches }: Extract<ShapeMember, { kind: 'typeof' }>,
  row: readonly SqlValue[],
  apiVersion: string,
): unknown {
  const parent = row[id]
  const text = row[cell]
  const branch = branches.find(({ keyPrefix }) => String(parent).startsWith(keyPrefix))
  if (parent == null || text == null || branch === undefined) return null
  const cells = [...(JSON.parse(String(text)) as SqlValue[]), parent]
  const members = branch.fields.map(
    ({ name, type }, index): ShapeMember => ({ kind: 'value', key: name, cell: index, type, field: name }),
  )
  return buildRecord({ object: branch.object, id: cells.length - 1, members }, cells, apiVersion)
}
