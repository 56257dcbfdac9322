import type { Query } from '@jetstreamapp/soql-parser-js'
import { EngineError } from './engine.ts'
import { isAggregate } from './soql-aggregate.ts'
import { pathOf, type Scope } from './soql-scope.ts'

/**
 * Refuses what Bulk API 2.0 does not query. Source: Bulk API guide, "Query considerations"; the wording is that of
 * recorded answers where there are any (protocol notes 3).
 */
export function refuseBulk(query: Query, scope: Scope): void {
  if (isAggregate(query)) throw refusal('Aggregate Relationships not supported in Bulk Query')
  if (query.offset !== undefined) throw refusal('OFFSET clause not supported in Bulk Query')
  for (const field of query.fields ?? []) {
    if (field.type === 'FieldSubquery') {
      throw refusal('Aggregate Relationships not supported in Bulk V2 Query with CSV content type')
    }
    if (field.type === 'FieldTypeof') throw refusal('TYPEOF clause not supported in Bulk Query')
    if (field.type === 'FieldFunctionExpression' && field.functionName.toUpperCase() === 'FIELDS') {
      throw refusal('The SOQL FIELDS function is not supported in Bulk Query')
    }
    if (field.type !== 'Field' && field.type !== 'FieldRelationship') continue
    const { type } = scope.resolve(pathOf(field))
    if (type === 'address' || type === 'location') throw refusal('Selecting compound data not supported in Bulk Query')
    if (type === 'base64') throw refusal('Binary field not supported')
  }
}

function refusal(message: string): EngineError {
  return new EngineError('API_ERROR', message)
}
