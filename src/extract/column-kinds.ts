import type { FieldType } from '@jetstreamapp/soql-parser-js'
import { type ColumnKind, kindOfType } from '../formats/typed-column.ts'
import type { Org } from '../org/org.ts'
import { findFieldType } from './plain-columns.ts'
import { isRowCount, parseSoql } from './read-soql.ts'
import { nameColumns } from './rest-columns.ts'

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
  if (query && isRowCount(query)) return ['number']
  const object = query?.sObject
  const selected = new Map(query && nameColumns(query).map(([name, field]) => [name.toLowerCase(), field]))
  const kindOfPath = async (path: string) =>
    object === undefined ? 'text' : kindOfType(await findFieldType(org, object, path.split('.')))
  const kindOf = async (field: FieldType | string): Promise<ColumnKind> => {
    if (typeof field === 'string') return await kindOfPath(field)
    if (field.type === 'Field') return await kindOfPath(field.field)
    if (field.type === 'FieldRelationship') return await kindOfPath([...field.relationships, field.field].join('.'))
    if (field.type !== 'FieldFunctionExpression') return 'text'
    const name = field.functionName.toLowerCase()
    if (numbers.has(name)) return 'number'
    const [inner] = field.parameters
    return sameKind.has(name) && inner !== undefined ? await kindOf(inner) : 'text'
  }
  const kinds: ColumnKind[] = []
  for (const column of columns) kinds.push(await kindOf(selected.get(column.toLowerCase()) ?? column))
  return kinds
}

/** Numbers, whatever they are taken of. */
const numbers = new Set(['count', 'count_distinct', 'sum', 'avg'])

/** Of the kind of what they are taken of. */
const sameKind = new Set(['min', 'max', 'convertcurrency'])
