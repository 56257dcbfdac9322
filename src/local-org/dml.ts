import { inTransaction, type Storage } from '../sqlite/database.ts'
import type { WriteContext } from './dml-context.ts'
import { deleteRecords, undeleteRecords } from './dml-delete.ts'
import { planWrite, type WritePlan } from './dml-plan.ts'
import { writeRecords } from './dml-records.ts'
import { EngineError, type WriteRequest, type WriteResult } from './engine.ts'

/** Plans of the shapes of rows that were written lately. */
export type PlanCache = Map<string, WritePlan>

const largestChunk = 200
const cachedPlans = 100

/**
 * Writes one chunk. Without `allOrNone` rows fail one by one. Throws `EngineError` for a request that is wrong as a
 * whole: an unknown object, an unusable key, more than 200 rows.
 */
export function writeChunk(context: WriteContext, plans: PlanCache, request: WriteRequest): readonly WriteResult[] {
  const { storage } = context
  if (request.rows.length > largestChunk) {
    const message = 'record limit reached. cannot submit more than 200 records into this call'
    throw new EngineError('EXCEEDED_ID_LIMIT', message)
  }
  const write = chooseWrite(context, plans, request)
  return inTransaction(storage, () => {
    storage.exec('SAVEPOINT chunk')
    const results = keepOrRollBack(storage, write)
    const undone = request.allOrNone === true && results.some(({ error }) => error !== undefined)
    if (undone) storage.exec('ROLLBACK TO chunk')
    storage.exec('RELEASE chunk')
    return undone ? results.map(rollBackResult) : results
  })
}

/** An unforeseen failure takes the chunk with it, not the chunks before it in the same transaction. */
function keepOrRollBack(storage: Storage, write: () => readonly WriteResult[]): readonly WriteResult[] {
  try {
    return write()
  } catch (error) {
    storage.exec('ROLLBACK TO chunk; RELEASE chunk')
    throw error
  }
}

function chooseWrite(context: WriteContext, plans: PlanCache, request: WriteRequest): () => readonly WriteResult[] {
  const object = context.schema.find(request.object)
  if (object === undefined) {
    throw new EngineError('INVALID_TYPE', `sObject type '${request.object}' is not supported.`)
  }
  switch (request.operation) {
    case 'delete':
    case 'hardDelete':
      return () => deleteRecords(context, object, request)
    case 'undelete':
      return () => undeleteRecords(context, object, request)
    default: {
      const names = request.columns.map(({ name }) => name).join('\n')
      const shape = `${object.name}\n${request.operation}\n${request.externalIdField ?? ''}\n${names}`
      const plan = plans.get(shape) ?? planWrite(context.schema, object, request)
      if (plans.size >= cachedPlans) plans.clear()
      plans.set(shape, plan)
      return () => writeRecords(context, plan, request)
    }
  }
}

function rollBackResult(result: WriteResult): WriteResult {
  if (result.error !== undefined) return result
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header'
  return { id: '', created: false, error: { statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message, fields: [] } }
}
