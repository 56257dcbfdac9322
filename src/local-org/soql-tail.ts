import type { Query, Subquery } from '@jetstreamapp/soql-parser-js'
import { compileOrder } from './soql-order.ts'
import type { Scope } from './soql-scope.ts'
import { compileWhere } from './soql-where.ts'

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
