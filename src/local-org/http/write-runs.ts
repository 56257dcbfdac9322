import type { ObjectDescription } from '../../org/object-description.ts'
import { inTransaction } from '../../sqlite/database.ts'
import type { WriteOperation, WriteResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { type JsonRecord, toWriteRequest } from './json-records.ts'

/** Records of one object that follow each other; the service allows ten such runs in a call. */
export interface Run {
  readonly object: ObjectDescription
  readonly records: JsonRecord[]
}

export const mostRuns = 10

export function addToRun(runs: Run[], object: ObjectDescription, record: JsonRecord): void {
  const last = runs.at(-1)
  if (last?.object.name === object.name) last.records.push(record)
  else runs.push({ object, records: [record] })
}

export interface RunOptions {
  readonly operation: WriteOperation
  readonly externalIdField?: string | undefined
  readonly allOrNone: boolean
}

/**
 * Writes all runs in one transaction, which a failure undoes when the client wants all or none. One result for each
 * record, in order.
 */
export function writeRuns(parts: OrgParts, runs: readonly Run[], options: RunOptions): readonly WriteResult[] {
  const { operation, externalIdField, allOrNone } = options
  const requests = runs.map(({ object, records }) => toWriteRequest(parts, object, operation, records))
  let results: readonly WriteResult[] = []
  try {
    inTransaction(parts.storage, () => {
      results = requests.flatMap((request) => parts.engine.write({ ...request, externalIdField }))
      if (allOrNone && results.some(({ error }) => error !== undefined)) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    return results.map((result) => (result.error === undefined ? rolledBack() : result))
  }
  return results
}

class RolledBack extends Error {}

function rolledBack(): WriteResult {
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header'
  return { id: '', created: false, error: { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message, fields: [] } }
}
