import type { SqlValue } from '../sqlite/database.ts'
import { wrongType } from '../values/read-value.ts'
import { RowFault } from '../values/row-error.ts'
import type { WritePlan } from './dml-plan.ts'
import type { WriteValue } from './engine.ts'
import type { StoredField } from './schema.ts'

/** One row on its way into the database. */
export interface Draft {
  /** One for each target of the plan; `undefined`: the row says nothing of it. */
  readonly values: (SqlValue | undefined)[]
  /** Key of the record that the row means: its Id, or the external ID of an upsert. */
  key: SqlValue
  fault: RowFault | undefined
  /** The record that is there already. */
  existing: StoredRecord | undefined
}

/** A record as it is in the database, kept current while the chunk is written. */
export interface StoredRecord {
  readonly number: number
  readonly id: string
  readonly deleted: boolean
  /** One for each target of the plan that has a column. */
  readonly values: SqlValue[]
}

/** Reads the cells of one row; what is wrong with them becomes the draft's fault. */
export function readDraft(plan: WritePlan, row: readonly WriteValue[]): Draft {
  const values: (SqlValue | undefined)[] = new Array(plan.targets.length).fill(undefined)
  const draft: Draft = { values, key: null, fault: undefined, existing: undefined }
  try {
    if (plan.key?.name !== 'Id') refuseId(plan, row[plan.idCell])
    draft.key = readKey(plan, row)
    for (const { cell, target, field, read, parent } of plan.columns) {
      const text = row[cell]
      if (text === undefined || parent !== undefined || target < 0) continue
      values[target] = text === null ? readNull(field) : read(text)
    }
    refuseReadOnly(plan, row, draft)
  } catch (fault) {
    if (!(fault instanceof RowFault)) throw fault
    draft.fault = fault
  }
  return draft
}

function refuseId(plan: WritePlan, text: WriteValue): void {
  if (text === undefined || text === null || text === '') return
  if (plan.operation === 'insert') {
    throw new RowFault('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', 'Id')
  }
  throw new RowFault('INVALID_FIELD', 'The Id field should not be specified in the sobject data.')
}

function readKey(plan: WritePlan, row: readonly WriteValue[]): SqlValue {
  if (plan.key === undefined) return null
  const text = row[plan.keyCell]
  const key = text === undefined || text === null ? null : (plan.readKey?.(text) ?? null)
  if (key !== null) return key
  if (plan.operation === 'update') throw new RowFault('MISSING_ARGUMENT', 'Id not specified in an update call')
  if (plan.key.name !== 'Id') {
    throw new RowFault('MISSING_ARGUMENT', `${plan.key.name} not specified`, plan.key.name)
  }
  return null
}

/** A checkbox is never null. */
function readNull(field: StoredField): null {
  if (field.type === 'boolean') throw wrongType(field, '')
  return null
}

/** Empty cells of read-only columns do no harm; a file that was exported whole has them. */
function refuseReadOnly(plan: WritePlan, row: readonly WriteValue[], draft: Draft): void {
  const updating = plan.operation === 'update' || (plan.key?.name === 'Id' && draft.key !== null)
  const columns = updating ? plan.notUpdateable : plan.notCreateable
  if (columns.length === 0) return
  const set = columns.filter(({ cell }) => row[cell] !== undefined && row[cell] !== '')
  if (set.length > 0) throw readOnlyFault(set.map(({ field }) => field.name))
}

export function readOnlyFault(names: readonly string[]): RowFault {
  const message = `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
  return new RowFault('INVALID_FIELD_FOR_INSERT_UPDATE', message, ...names)
}
