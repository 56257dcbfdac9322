import type { QueryOptions } from './engine.ts'
import type { Schema } from './schema.ts'
import { compileAggregate, isAggregate } from './soql-aggregate.ts'
import { refuseBulk } from './soql-bulk.ts'
import { SoqlText } from './soql-errors.ts'
import { parseSoql } from './soql-parse.ts'
import { Scope } from './soql-scope.ts'
import { compileSelect } from './soql-select.ts'
import type { CompiledQuery } from './soql-shape.ts'
import { compileTail } from './soql-tail.ts'

export interface QuerySource extends QueryOptions {
  readonly schema: Schema
  readonly soql: string
  /** Time that date literals such as `TODAY` count from. The org's zone is UTC. */
  readonly now: Date
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
