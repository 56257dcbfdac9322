import type { Condition, HavingClause, Query, ValueQueryCondition, WhereClause } from '@jetstreamapp/soql-parser-js'
import { quoteText } from '../sqlite/database.ts'
import { compileFunction } from './soql-functions.ts'
import { type Comparand, compileLiteral, readString } from './soql-literals.ts'
import { pathOf, Scope } from './soql-scope.ts'

/**
 * Compiles a WHERE clause; `undefined` without one. SOQL knows true and false only, so that each condition is written
 * to be never null: `NOT` then turns exactly the rows around.
 */
export function compileWhere(where: WhereClause | undefined, scope: Scope): string | undefined {
  return where === undefined ? undefined : `(${compileChain(where, scope)})`
}

export function compileHaving(having: HavingClause, scope: Scope): string {
  return compileChain(having, scope)
}

/** The parser gives a chain of conditions; brackets are counted on the conditions that they stand before and after. */
function compileChain(clause: WhereClause | HavingClause, scope: Scope): string {
  const parts: string[] = []
  let current: WhereClause | HavingClause | undefined = clause
  const operators: string[][] = [[]]
  while (current !== undefined) {
    const condition: WhereClause['left'] | HavingClause['left'] = current.left
    if (condition !== null) {
      const open = condition.openParen ?? 0
      const close = 'closeParen' in condition ? (condition.closeParen ?? 0) : 0
      for (let depth = 0; depth < open; depth++) operators.push([])
      parts.push('('.repeat(open))
      if ('operator' in condition) parts.push(compileCondition(condition, scope))
      parts.push(')'.repeat(close))
      for (let depth = 0; depth < close; depth++) operators.pop()
    }
    if (!('operator' in current)) break
    refuseMixture(operators.at(-1) ?? [], current.operator, scope)
    parts.push(current.operator)
    current = current.right
  }
  return parts.filter((part) => part !== '').join(' ')
}

/** AND and OR beside each other need brackets. */
function refuseMixture(used: string[], operator: string, scope: Scope): void {
  if (operator === 'NOT') return
  if (used.length > 0 && used[0] !== operator) {
    throw scope.text.error('MALFORMED_QUERY', operator, `unexpected token: '${operator}'`)
  }
  used.push(operator)
}

function compileCondition(
  condition: Exclude<Condition, { openParen: number }> | ValueQueryCondition,
  scope: Scope,
): string {
  if ('fn' in condition) {
    const { sql, type } = compileFunction(condition.fn, scope)
    const name = condition.fn.rawValue ?? ''
    return compare({ sql, type, name, field: undefined }, condition, scope)
  }
  if (!('field' in condition)) return ''
  const { sql, type, field } = scope.resolvePath(condition.field)
  if (!field.filterable) {
    const message = `field '${field.name}' can not be filtered in a query call`
    throw scope.text.error('INVALID_FIELD', condition.field, message)
  }
  const comparand = { sql, type, name: field.name, field }
  if ('valueQuery' in condition) return compileSemiJoin(comparand, condition, scope)
  return compare(comparand, condition, scope)
}

interface Comparison {
  readonly operator: string
  readonly value: string | string[]
  readonly literalType?: string | string[] | undefined
}

function compare(left: Comparand, condition: Comparison, scope: Scope): string {
  const operator = condition.operator.toUpperCase()
  const values: readonly string[] = typeof condition.value === 'string' ? [condition.value] : condition.value
  const kinds = condition.literalType
  const kindOf = (index: number): string => (typeof kinds === 'string' ? kinds : (kinds?.[index] ?? 'STRING'))
  switch (operator) {
    case 'IN':
    case 'NOT IN':
      return compileList(left, operator, values, kindOf, scope)
    case 'INCLUDES':
    case 'EXCLUDES':
      if (left.type !== 'multipicklist') throw invalidOperator(left, operator, scope)
      return `${operator === 'EXCLUDES' ? 'NOT ' : ''}(${values.map((value) => includes(left.sql, readString(value))).join(' OR ')})`
    case 'LIKE':
      return compileLike(left, values[0] ?? '', kindOf(0), scope)
    default:
      return compileLiteral(left, operator, values[0] ?? '', kindOf(0), scope)
  }
}

function compileList(
  left: Comparand,
  operator: string,
  values: readonly string[],
  kindOf: (index: number) => string,
  scope: Scope,
): string {
  const equal = values.map((value, index) => compileLiteral(left, '=', value, kindOf(index), scope))
  const simple = equal.map((sql) => plainEquality(left.sql, sql))
  const list = simple.every((value) => value !== undefined)
    ? `(${left.sql} IN (${simple.join(', ')}) AND ${left.sql} IS NOT NULL)`
    : `(${equal.join(' OR ')})`
  return operator === 'IN' ? list : `NOT ${list}`
}

/** The literal of `(x = literal AND x IS NOT NULL)`, so that a long list becomes one IN and not a tower of ORs. */
function plainEquality(left: string, sql: string): string | undefined {
  const before = `(${left} = `
  const after = ` AND ${left} IS NOT NULL)`
  return sql.startsWith(before) && sql.endsWith(after) ? sql.slice(before.length, -after.length) : undefined
}

/** Every value of `'A;B'` must be there. */
function includes(sql: string, wanted: string): string {
  const each = wanted
    .split(';')
    .map((value) => `instr(';' || lower(${sql}) || ';', lower(${quoteText(`;${value.trim()};`)})) > 0`)
  return `(${sql} IS NOT NULL AND ${each.join(' AND ')})`
}

/** `%` and `_` are the wildcards of SQL, and a backslash takes their meaning away. */
function compileLike(left: Comparand, value: string, kind: string, scope: Scope): string {
  if (kind !== 'STRING' || !likeTypes.has(left.type)) throw invalidOperator(left, 'LIKE', scope)
  const pattern = readString(value, true)
  return `(${left.sql} LIKE ${quoteText(pattern)} ESCAPE '\\' AND ${left.sql} IS NOT NULL)`
}

const likeTypes = new Set(['string', 'textarea', 'picklist', 'combobox', 'email', 'phone', 'url', 'anyType'])

function invalidOperator(left: Comparand, operator: string, scope: Scope): Error {
  return scope.text.error('INVALID_FIELD', left.name, `invalid operator on ${left.type} field: ${operator}`)
}

/** `Id IN (SELECT AccountId FROM Contact …)`; nulls that the inner query finds say nothing. */
function compileSemiJoin(left: Comparand, condition: ValueQueryCondition, scope: Scope): string {
  const query: Query = condition.valueQuery
  const object = scope.settings.schema.find(query.sObject ?? '')
  if (object === undefined) throw scope.text.unknownObject(query.sObject ?? '')
  const inner = new Scope(scope.settings, object, query.sObjectAlias, scope.nextAlias())
  const [field] = query.fields ?? []
  if (left.type !== 'id' && left.type !== 'reference') {
    const message = `The left operand of an inner select must be an id or reference field, not ${left.name}`
    throw scope.text.error('MALFORMED_QUERY', left.name, message)
  }
  if (query.fields?.length !== 1 || (field?.type !== 'Field' && field?.type !== 'FieldRelationship')) {
    throw scope.text.error('MALFORMED_QUERY', 'IN', 'An inner select must have exactly one field')
  }
  const selected = inner.resolve(pathOf(field))
  const conditions = [compileWhere(query.where, inner), inner.liveCondition(), `${selected.sql} IS NOT NULL`]
  const rows = `SELECT ${selected.sql} ${inner.from()} WHERE ${conditions.filter((part) => part).join(' AND ')}`
  const found = `(${left.sql} IN (${rows}) AND ${left.sql} IS NOT NULL)`
  return condition.operator.toUpperCase() === 'NOT IN' ? `NOT ${found}` : found
}
