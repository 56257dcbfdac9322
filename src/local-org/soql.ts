import type { Query, Subquery } from '@jetstreamapp/soql-parser-js'
import type { QueryColumn, QueryOptions, QueryResult } from './engine.ts'
import type { Schema } from './schema.ts'
import { compileAggregate, isAggregate } from './soql-aggregate.ts'
import { refuseBulk } from './soql-bulk.ts'
import { SoqlText } from './soql-errors.ts'
import { compileOrder } from './soql-order.ts'
import { parseSoql } from './soql-parse.ts'
import { Scope } from './soql-scope.ts'
import { compileSelect, type RecordShape } from './soql-select.ts'
import { compileWhere } from './soql-where.ts'

export interface QuerySource extends QueryOptions {
  readonly schema: Schema
  readonly soql: string
  /** Time that date literals such as `TODAY` count from. The org's zone is UTC. */
  readonly now: Date
}

/** A query as SQL. */
export interface CompiledQuery {
  readonly kind: QueryResult['kind']
  readonly object: string
  readonly sql: string
  /** What the first columns of the SQL mean; those after them are there for `shape`. */
  readonly columns: readonly QueryColumn[]
  readonly shape: RecordShape
}

/** Throws `EngineError` with Salesforce's codes and wording (protocol notes, section 8). */
export function compileQuery(source: QuerySource): CompiledQuery {
  const text = new SoqlText(source.soql)
  const query = parseSoql(text)
  const object = source.schema.find(query.sObject ?? '')
  if (object === undefined || !object.queryable) throw text.unknownObject(query.sObject ?? '')
  const scope = new Scope({ ...source, text }, object, query.sObjectAlias, 't')
  if (source.surface === 'bulk') refuseBulk(query, scope)
  if (isAggregate(query)) return compileAggregate(query, scope)
  const { cells, columns, shape } = compileSelect(query, scope)
  const sql = `SELECT ${cells.join(', ')} ${compileTail(query, scope)}`
  return { kind: 'records', object: object.name, sql, columns, shape }
}

/** From FROM to the end, for a query of records. What is selected must have been compiled: it adds joins. */
export function compileTail(query: Query | Subquery, scope: Scope, condition?: string): string {
  const conditions = [condition, compileWhere(query.where, scope), scope.liveCondition()].filter((part) => part)
  const order = compileOrder(query, scope)
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return `${scope.from()} ${where} ORDER BY ${order} ${compileLimit(query, scope)}`
}

/** An OFFSET needs a LIMIT in SQLite. Source: SOQL guide, OFFSET. */
export function compileLimit({ limit, offset }: Query | Subquery, scope: Scope): string {
  if (offset !== undefined && offset > 2000) {
    throw scope.text.error('NUMBER_OUTSIDE_VALID_RANGE', 'OFFSET', `Maximum SOQL offset allowed is 2000`)
  }
  if (limit === undefined && offset === undefined) return ''
  return `LIMIT ${limit ?? -1}${offset === undefined ? '' : ` OFFSET ${offset}`}`
}
