import type { FieldType } from '@jetstreamapp/soql-parser-js'
import { type ColumnKind, kindOfType } from '../formats/typed-column.ts'
import type { Org } from '../org/org.ts'
import { findFieldType } from './plain-columns.ts'
import { parseSoql } from './read-soql.ts'

/**
 * What each column of a result holds, by the descriptions of the objects that the query names; text where they do not
 * tell. `columns`: names as the service heads them, such as `Account.Name` and `expr0`.
 */
export async function findColumnKinds(
  org: Org,
  soql: string,
  columns: readonly string[],
): Promise<readonly ColumnKind[]> {
  const query = await parseSoql(soql)
  const object = query?.sObject
  const expressions = new Map<string, FieldType>()
  let unnamed = 0
  for (const field of query?.fields ?? []) {
    if (field.type !== 'FieldFunctionExpression') continue
    expressions.set((field.alias ?? `expr${unnamed++}`).toLowerCase(), field)
  }
  const kinds: ColumnKind[] = []
  for (const column of columns) {
    const expression = expressions.get(column.toLowerCase())
    if (expression !== undefined) kinds.push(kindOfExpression(expression))
    else if (object === undefined) kinds.push('text')
    else kinds.push(kindOfType(await findFieldType(org, object, column.split('.'))))
  }
  return kinds
}

/** Counts, sums and averages are numbers whatever they are taken of. */
function kindOfExpression(field: FieldType): ColumnKind {
  if (field.type !== 'FieldFunctionExpression') return 'text'
  return /^(?:count|count_distinct|sum|avg)$/i.test(field.functionName) ? 'number' : 'text'
}
