import type { OrderByClause, Query, Subquery } from '@jetstreamapp/soql-parser-js'
import { compileFunction } from './soql-functions.ts'
import type { Scope } from './soql-scope.ts'

/** Nulls come first unless the query says otherwise; records that are equal stay in the order they were made in. */
export function compileOrder(query: Query | Subquery, scope: Scope): string {
  const terms = orderClauses(query).map((clause) => `${orderSql(clause, scope)}${direction(clause)}`)
  return [...terms, `${scope.sqlAlias}.number`].join(', ')
}

export function orderClauses({ orderBy }: Query | Subquery): readonly OrderByClause[] {
  return orderBy === undefined ? [] : Array.isArray(orderBy) ? orderBy : [orderBy]
}

export function direction(clause: OrderByClause): string {
  return ` ${clause.order ?? 'ASC'} NULLS ${clause.nulls ?? 'FIRST'}`
}

function orderSql(clause: OrderByClause, scope: Scope): string {
  if ('fn' in clause) return compileFunction(clause.fn, scope).sql
  const { sql, field } = scope.resolvePath(clause.field)
  if (field.sortable) return sql
  const message = `field '${field.name}' can not be sorted in a query call`
  throw scope.text.error('MALFORMED_QUERY', clause.field, message)
}
