import type { FieldType, Query } from '@jetstreamapp/soql-parser-js'

/** The SELECT as a tree, or undefined for text that only Salesforce may understand. The parser is loaded when it is needed. */
export async function parseSoql(soql: string): Promise<Query | undefined> {
  const { parseQuery } = await import('@jetstreamapp/soql-parser-js')
  try {
    return parseQuery(soql)
  } catch {
    return undefined
  }
}

/**
 * Whether Bulk API 2.0 does not answer the query but the synchronous API does: aggregates, GROUP BY, child subqueries,
 * TYPEOF, OFFSET. A query without a word that points to one of them is not parsed. Source: Bulk API 2.0 guide, "SOQL
 * Considerations".
 */
export async function needsSynchronousQuery(soql: string): Promise<boolean> {
  if (!pointsToSynchronous.test(withoutTexts(soql))) return false
  const query = await parseSoql(soql)
  if (query === undefined) return false
  return query.groupBy !== undefined || query.offset !== undefined || (query.fields ?? []).some(isSynchronousOnly)
}

const pointsToSynchronous =
  /\b(?:count|count_distinct|sum|avg|min|max|grouping|cube|rollup)\s*\(|\bgroup\s+by\b|\btypeof\b|\boffset\b|\(\s*select\b/i

function isSynchronousOnly(field: FieldType): boolean {
  if (field.type === 'FieldFunctionExpression') return isAggregate(field)
  return field.type === 'FieldSubquery' || field.type === 'FieldTypeof'
}

/** Whether a function of the SELECT, or one inside it, sums up rows. */
export function isAggregate(field: FieldType): boolean {
  if (field.type !== 'FieldFunctionExpression') return false
  if (field.isAggregateFn === true) return true
  return field.parameters.some((parameter) => typeof parameter !== 'string' && isAggregate(parameter))
}

/** `SELECT COUNT() FROM …` has no rows: the answer is the number that stands beside them. */
export function isRowCount({ fields = [] }: Query): boolean {
  const [only, ...others] = fields
  if (only?.type !== 'FieldFunctionExpression' || others.length > 0 || only.alias !== undefined) return false
  return only.functionName.toUpperCase() === 'COUNT' && only.parameters.length === 0
}

/** The query with its quoted texts emptied, so that what they say is not taken for SOQL. */
export function withoutTexts(soql: string): string {
  return soql.replace(/'(?:[^'\\]|\\.)*'/g, "''")
}
