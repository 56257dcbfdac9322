import type { FieldFunctionExpression, FieldType, Query } from '@jetstreamapp/soql-parser-js'
import { isAggregate } from './read-soql.ts'
import { isPage, type Json, type JsonRecord } from './rest-pages.ts'

/** A column of the CSV and where its value stands in a record. */
export interface Column {
  readonly name: string
  readonly path: readonly string[]
  /** Of a group: a parent's field stands in it under the field's name alone. */
  readonly grouped?: boolean
}

/**
 * The columns of an answer in the order of the SELECT. Expressions without an alias are called `expr0`, `expr1`, … by the
 * service. Where the SELECT does not tell (`FIELDS(ALL)`, or text that only Salesforce understands), the first record does.
 */
export function findColumns(query: Query | undefined, first: JsonRecord | undefined): readonly Column[] {
  const fromRecord = () => Object.keys(first ?? {}).filter((key) => key !== 'attributes')
  if (query?.fields === undefined) return fromRecord().map(column)
  const grouped = isGrouped(query)
  return nameColumns(query).flatMap(([name, field]) => {
    if (field.type !== 'FieldFunctionExpression') return [{ ...columnOf(field), grouped }]
    return field.functionName.toUpperCase() === 'FIELDS' ? fromRecord().map(column) : [column(name)]
  })
}

/** What the SELECT names, each beside the name of its column. */
export function nameColumns(query: Query): readonly (readonly [string, FieldType])[] {
  const grouped = isGrouped(query)
  let expressions = 0
  return (query.fields ?? []).map((field) => {
    if (field.type !== 'FieldFunctionExpression') return [columnOf(field).name, field]
    return [field.alias ?? (grouped ? `expr${expressions++}` : innerField(field)), field]
  })
}

function isGrouped({ groupBy, fields = [] }: Query): boolean {
  return groupBy !== undefined || fields.some(isAggregate)
}

/** Text of a record's cell: parents are walked through, children and other structures become JSON. */
export function cellText(record: JsonRecord, { path, grouped = false }: Column): string {
  const found = path.reduce<Json | undefined>(fieldValue, record)
  // A record has a field of its own under that name, which is not its empty parent's.
  const value = grouped ? (found ?? fieldValue(record, path.at(-1) ?? '')) : found
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return String(value)
  return JSON.stringify(value, rowsAlone)
}

function column(name: string): Column {
  return { name, path: [name] }
}

function columnOf(field: Exclude<FieldType, FieldFunctionExpression>): Column {
  if (field.type === 'FieldSubquery') return column(field.subquery.relationshipName)
  if ('alias' in field && field.alias !== undefined) return column(field.alias)
  if (field.type !== 'FieldRelationship') return column(field.field)
  const path = [...field.relationships, field.field]
  return { name: path.join('.'), path }
}

/** `toLabel(Status)` comes back under the name of its field. */
function innerField(field: FieldFunctionExpression): string {
  const [inner] = field.parameters
  if (inner === undefined) return field.functionName
  return typeof inner === 'string' ? inner : innerField(inner)
}

/** A key in any case: the service answers with the field's own case, not with that of the query. */
function fieldValue(within: Json | undefined, name: string): Json | undefined {
  if (typeof within !== 'object' || within === null || Array.isArray(within)) return undefined
  return Object.entries(within).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
}

/** What the service says of child rows and of each of them is left out. */
function rowsAlone(key: string, value: Json): unknown {
  if (key === 'attributes') return undefined
  return isPage(value) ? value.records : value
}
