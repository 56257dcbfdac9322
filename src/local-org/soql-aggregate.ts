import type { FieldType, Query } from '@jetstreamapp/soql-parser-js'
import type { QueryColumn } from './engine.ts'
import { compileFunction } from './soql-functions.ts'
import { direction, orderClauses } from './soql-order.ts'
import { pathOf, type Scope } from './soql-scope.ts'
import type { CompiledQuery, ShapeMember } from './soql-shape.ts'
import { compileLimit } from './soql-tail.ts'
import { compileHaving, compileWhere } from './soql-where.ts'

/** Whether the query counts or groups rather than returning records. */
export function isAggregate(query: Query): boolean {
  if (query.groupBy !== undefined || query.having !== undefined) return true
  return (query.fields ?? []).some(
    (field) => field.type === 'FieldFunctionExpression' && aggregates.test(field.functionName),
  )
}

const aggregates = /^(?:count|count_distinct|sum|avg|min|max)$/i

/** Compiles `COUNT()` and queries that group. */
export function compileAggregate(query: Query, scope: Scope): CompiledQuery {
  const fields = query.fields ?? []
  const [only] = fields
  if (fields.length === 1 && only?.type === 'FieldFunctionExpression' && only.parameters.length === 0) {
    return compileCount(query, scope)
  }
  const groups = groupKeys(query, scope)
  const columns: QueryColumn[] = []
  const cells: string[] = []
  const members: ShapeMember[] = []
  let unnamed = 0
  for (const field of fields) {
    const { sql, type, name } = compileColumn(field, groups, scope)
    const key = name ?? `expr${unnamed++}`
    members.push({ kind: 'value', key, cell: cells.push(sql) - 1, type, field: key })
    columns.push({ name: key, type })
  }
  const where = whereOf(query, scope)
  const having = query.having === undefined ? '' : `HAVING ${compileHaving(query.having, scope)}`
  const grouped = groups.size > 0 ? `GROUP BY ${[...groups.values()].join(', ')}` : ''
  const order = compileGroupOrder(query, scope, columns, cells)
  const sql = `SELECT ${cells.join(', ')} ${scope.from()} ${where} ${grouped} ${having} ${order} ${compileLimit(query, scope)}`
  const shape = { object: 'AggregateResult', id: -1, members }
  return { kind: 'aggregate', object: scope.object.name, sql, columns, shape }
}

function compileCount(query: Query, scope: Scope): CompiledQuery {
  const where = whereOf(query, scope)
  const sql = `SELECT count(*) FROM (SELECT 1 ${scope.from()} ${where} ${compileLimit(query, scope)})`
  const shape = { object: 'AggregateResult', id: -1, members: [] }
  return { kind: 'count', object: scope.object.name, sql, columns: [{ name: 'expr0', type: 'int' }], shape }
}

function whereOf(query: Query, scope: Scope): string {
  const conditions = [compileWhere(query.where, scope), scope.liveCondition()].filter((part) => part)
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
}

/** SQL of what the query groups by, under the text that it has in the query, in lower case and without blanks. */
function groupKeys(query: Query, scope: Scope): Map<string, string> {
  const clauses = query.groupBy === undefined ? [] : Array.isArray(query.groupBy) ? query.groupBy : [query.groupBy]
  const keys = new Map<string, string>()
  for (const clause of clauses) {
    if ('fn' in clause) {
      keys.set(keyOf(clause.fn.rawValue ?? ''), compileFunction(clause.fn, scope).sql)
      continue
    }
    const { sql, field, path } = scope.resolvePath(clause.field)
    if (!field.groupable) {
      const message = `field '${field.name}' can not be grouped in a query call`
      throw scope.text.error('MALFORMED_QUERY', clause.field, message)
    }
    keys.set(keyOf(path.join('.')), sql)
  }
  return keys
}

function keyOf(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase()
}

function compileColumn(
  field: FieldType,
  groups: ReadonlyMap<string, string>,
  scope: Scope,
): { readonly sql: string; readonly type: string; readonly name: string | undefined } {
  if (field.type === 'FieldFunctionExpression') {
    const raw = field.rawValue ?? field.functionName
    if (!aggregates.test(field.functionName) && !groups.has(keyOf(raw))) throw ungrouped(scope, raw)
    return { ...compileFunction(field, scope), name: field.alias }
  }
  if (field.type !== 'Field' && field.type !== 'FieldRelationship') {
    throw scope.text.error('MALFORMED_QUERY', 'SELECT', 'Only fields and functions can be selected in a grouped query')
  }
  const resolved = scope.resolve(pathOf(field))
  if (!groups.has(keyOf(resolved.path.join('.')))) throw ungrouped(scope, pathOf(field).join('.'))
  const alias = 'alias' in field ? field.alias : undefined
  return { sql: resolved.sql, type: resolved.type, name: alias ?? resolved.field.name }
}

function ungrouped(scope: Scope, name: string): Error {
  return scope.text.error('MALFORMED_QUERY', name, `Field must be grouped or aggregated: ${name}`)
}

/** Groups without an order come in the order of their keys. An alias of the SELECT list may be ordered by. */
function compileGroupOrder(
  query: Query,
  scope: Scope,
  columns: readonly QueryColumn[],
  cells: readonly string[],
): string {
  const terms = orderClauses(query).map((clause) => {
    if ('fn' in clause) return `${compileFunction(clause.fn, scope).sql}${direction(clause)}`
    const named = columns.findIndex(({ name }) => name.toLowerCase() === clause.field.toLowerCase())
    return `${cells[named] ?? scope.resolvePath(clause.field).sql}${direction(clause)}`
  })
  return terms.length > 0 ? `ORDER BY ${terms.join(', ')}` : ''
}
