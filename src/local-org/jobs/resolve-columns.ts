import { type Engine, EngineError, type WriteColumn, type WriteOperation } from '../engine.ts'
import { type Job, writeOperationOf } from './job.ts'

/** A column that the job cannot have, or lacks one that it needs. The text is the job's error message. */
export class UnknownColumn extends Error {
  constructor(name: string) {
    super(`InvalidBatch : Field name not found : ${name}`)
  }
}

/** What the columns of an upload mean. Throws `UnknownColumn` for the first that means nothing. */
export function resolveColumns(engine: Engine, job: Job, header: readonly string[]): readonly WriteColumn[] {
  const operation = writeOperationOf(job)
  const lowerNames = header.map((name) => name.toLowerCase())
  const required = requiredColumn(job)
  if (required !== undefined && !lowerNames.includes(required.toLowerCase())) throw new UnknownColumn(required)
  for (const [index, name] of header.entries()) {
    const isKeyOnly = operation === 'delete' || operation === 'hardDelete'
    const isRepeated = lowerNames.indexOf(name.toLowerCase()) !== index
    if (isRepeated || (isKeyOnly && name.toLowerCase() !== 'id')) throw new UnknownColumn(name)
    checkColumn(engine, job.object, operation, name)
  }
  return engine.columns(job.object, operation, header)
}

function requiredColumn({ operation, externalIdField }: Job): string | undefined {
  if (operation === 'insert') return undefined
  return operation === 'upsert' ? externalIdField : 'Id'
}

/** Each column alone, so that the one at fault can be named. */
function checkColumn(engine: Engine, object: string, operation: WriteOperation, name: string): void {
  try {
    engine.columns(object, operation, [name])
  } catch (error) {
    throw error instanceof EngineError ? new UnknownColumn(name) : error
  }
}
