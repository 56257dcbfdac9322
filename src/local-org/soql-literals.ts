import { quoteText } from '../sqlite/database.ts'
import { normalizeId } from '../values/record-id.ts'
import type { StoredField } from './schema.ts'
import { dateRange } from './soql-dates.ts'
import type { Scope } from './soql-scope.ts'

/** The left side of a comparison. */
export interface Comparand {
  readonly sql: string
  readonly type: string
  readonly name: string
  readonly field: StoredField | undefined
}

/**
 * Compiles `left operator literal` for `=`, `!=` and the four orders. Throws `EngineError` when the literal is of another
 * kind than the field, with the service's hint at quotes.
 */
export function compileLiteral(left: Comparand, operator: string, value: string, kind: string, scope: Scope): string {
  if (kind === 'NULL' || value === "''") return compileNull(left, operator, scope)
  if (kind === 'DATE_LITERAL' || kind === 'DATE_N_LITERAL') return compileRange(left, operator, value, scope)
  return compileComparison(left, operator, literalSql(left, value, kind, scope))
}

function compileNull(left: Comparand, operator: string, scope: Scope): string {
  if (operator === '=') return `(${left.sql} IS NULL)`
  if (operator === '!=') return `(${left.sql} IS NOT NULL)`
  throw scope.text.error('INVALID_FIELD', left.name, `invalid operator on null value: ${operator}`)
}

/** Never null itself, whatever the left side is. A record without a value is different from any. */
function compileComparison(left: Comparand, operator: string, right: string): string {
  if (operator === '!=') return `(${left.sql} <> ${right} OR ${left.sql} IS NULL)`
  return `(${left.sql} ${operator} ${right} AND ${left.sql} IS NOT NULL)`
}

/** A date literal is a span of days: before it, within it, after it. */
function compileRange(left: Comparand, operator: string, value: string, scope: Scope): string {
  if (left.type !== 'date' && left.type !== 'datetime') throw wrongKind(left, scope)
  const range = dateRange(value, scope.settings.now)
  if (range === undefined) throw scope.text.error('MALFORMED_QUERY', value, `unexpected token: '${value}'`)
  const [from, to] = range.map((day) => quoteText(left.type === 'date' ? day : `${day}T00:00:00.000Z`))
  const set = `${left.sql} IS NOT NULL`
  switch (operator) {
    case '=':
      return `(${left.sql} >= ${from} AND ${left.sql} < ${to} AND ${set})`
    case '!=':
      return `(${left.sql} < ${from} OR ${left.sql} >= ${to} OR ${left.sql} IS NULL)`
    case '<':
      return `(${left.sql} < ${from} AND ${set})`
    case '<=':
      return `(${left.sql} < ${to} AND ${set})`
    case '>':
      return `(${left.sql} >= ${to} AND ${set})`
    default:
      return `(${left.sql} >= ${from} AND ${set})`
  }
}

function literalSql(left: Comparand, value: string, kind: string, scope: Scope): string {
  switch (left.type) {
    case 'boolean':
      if (kind !== 'BOOLEAN') throw wrongKind(left, scope)
      return value.toLowerCase() === 'true' ? '1' : '0'
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      if (!/^(?:INTEGER|DECIMAL)/.test(kind)) throw wrongKind(left, scope)
      return String(Number(value.replace(/^[A-Za-z]{3}/, '')))
    case 'date':
      if (kind !== 'DATE') throw wrongKind(left, scope)
      return quoteText(value)
    case 'datetime':
      if (kind !== 'DATETIME') throw wrongKind(left, scope)
      return quoteText(readDateTime(value, scope))
    case 'id':
    case 'reference':
      if (kind !== 'STRING') throw wrongKind(left, scope)
      return quoteText(readId(readString(value), scope))
    default:
      if (kind !== 'STRING') throw wrongKind(left, scope)
      return quoteText(readString(value))
  }
}

function readDateTime(value: string, scope: Scope): string {
  const time = Date.parse(value)
  if (Number.isNaN(time)) throw scope.text.error('MALFORMED_QUERY', value, `unexpected token: '${value}'`)
  return new Date(time).toISOString()
}

function readId(text: string, scope: Scope): string {
  const id = normalizeId(text)
  if (id === undefined) throw scope.text.error('INVALID_QUERY_FILTER_OPERATOR', text, `invalid ID field: ${text}`)
  return id
}

function wrongKind(left: Comparand, scope: Scope): Error {
  const bare = /^(?:boolean|int|long|double|currency|percent|date|datetime)$/.test(left.type)
  const type = left.type === 'datetime' ? 'dateTime' : bare || left.type === 'id' ? left.type : 'string'
  const hint = bare ? 'should not be enclosed in quotes' : 'should be enclosed in quotes'
  const message = `value of filter criterion for field '${left.name}' must be of type ${type} and ${hint}`
  return scope.text.error('INVALID_FIELD', left.name, message)
}

/**
 * The text of a string literal. In a pattern of LIKE, `\%` and `\_` keep their backslash, and a backslash of the text
 * itself becomes two. Source: SOQL guide, "Quoted string escape sequences".
 */
export function readString(literal: string, isPattern = false): string {
  const inner = literal.startsWith("'") ? literal.slice(1, -1) : literal
  return inner.replace(/\\(u[0-9A-Fa-f]{4}|.)/gs, (_, escaped: string) => {
    if (escaped.length === 5) return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
    if (isPattern && (escaped === '%' || escaped === '_' || escaped === '\\')) return `\\${escaped}`
    return escapes[escaped.toLowerCase()] ?? escaped
  })
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }
