import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { wrongId } from '../values/read-value.ts'
import { RowFault } from '../values/row-error.ts'
import type { WriteContext } from './dml-context.ts'
import type { Draft } from './dml-drafts.ts'
import { keyText, loadOwners } from './dml-keys.ts'
import type { WritePlan } from './dml-plan.ts'
import type { WriteValue } from './engine.ts'
import type { StoredField } from './schema.ts'

/** Puts the Id of the parent into each lookup that a column gives by external ID; rows without a parent fail. */
export function resolveParents(
  context: WriteContext,
  plan: WritePlan,
  rows: readonly (readonly WriteValue[])[],
  drafts: readonly Draft[],
): void {
  for (const { cell, target, field, parent } of plan.columns) {
    if (parent === undefined || target < 0) continue
    const direct = plan.columns.find((column) => column.target === target && column.parent === undefined)
    if (direct !== undefined) refuseBoth(field, direct.cell, cell, rows, drafts)
    const wanted = drafts.map((draft, index) => readParentKey(draft, rows[index]?.[cell], parent.read))
    const keys = wanted.filter((key) => key !== null && key !== undefined)
    const owners = loadOwners(context, parent.object.name, parent.field, keys)
    drafts.forEach((draft, index) => {
      const key = wanted[index]
      if (key === undefined || draft.fault !== undefined) return
      const found = key === null ? [] : (owners.get(keyText(parent.field, key)) ?? [])
      if (key === null) draft.values[target] = null
      else if (found.length === 1) draft.values[target] = found[0]
      else draft.fault = parentFault(parent.field, parent.object.name, key, found)
    })
  }
}

/** A row names its parent by Id or by external ID, not by both. */
function refuseBoth(
  field: StoredField,
  idCell: number,
  keyCell: number,
  rows: readonly (readonly WriteValue[])[],
  drafts: readonly Draft[],
): void {
  const message = `Cannot specify both an external ID reference ${field.relationshipName} and a salesforce id, ${field.name}`
  drafts.forEach((draft, index) => {
    if (draft.fault !== undefined || !isGiven(rows[index]?.[idCell]) || !isGiven(rows[index]?.[keyCell])) return
    draft.fault = new RowFault('INVALID_FIELD', message)
  })
}

function isGiven(value: WriteValue): boolean {
  return value !== undefined && value !== null && value !== ''
}

/** `undefined` leaves the lookup alone: the cell is missing, or the row has failed. */
function readParentKey(draft: Draft, text: WriteValue, read: (text: string) => SqlValue): SqlValue | undefined {
  if (text === undefined || text === null || draft.fault !== undefined) return text === null ? null : undefined
  try {
    return read(text)
  } catch (fault) {
    if (!(fault instanceof RowFault)) throw fault
    draft.fault = fault
    return undefined
  }
}

function parentFault(field: StoredField, object: string, key: SqlValue, found: readonly string[]): RowFault {
  if (found.length > 1) {
    const message = `${field.label}: more than one record found for external id field: [${found.join(', ')}]`
    return new RowFault('DUPLICATE_EXTERNAL_ID', message, field.name)
  }
  const message = `Foreign key external ID: ${key} not found for field ${field.name} in entity ${object}`
  return new RowFault('INVALID_FIELD', message)
}

/** A lookup must point to a live record of one of its objects. Objects without a description are taken on trust. */
export function checkReferences(context: WriteContext, plan: WritePlan, drafts: readonly Draft[]): void {
  for (const target of plan.references) {
    const field = plan.targets[target]
    const referring = drafts.filter((draft) => draft.fault === undefined && typeof draft.values[target] === 'string')
    if (field === undefined || referring.length === 0) continue
    const states = loadStates(context, new Set(referring.map((draft) => String(draft.values[target]))))
    for (const draft of referring) {
      const id = String(draft.values[target])
      const object = context.schema.findById(id)
      if (object === undefined ? !hasUnknownParent(context, field) : !field.referenceTo.includes(object.name)) {
        draft.fault = wrongId(field, id)
      } else if (object !== undefined && !states.has(id)) {
        draft.fault = new RowFault('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', field.name)
      } else if (states.get(id) === 1) {
        draft.fault = new RowFault('ENTITY_IS_DELETED', 'entity is deleted', field.name)
      }
    }
  }
}

function hasUnknownParent(context: WriteContext, field: StoredField): boolean {
  return field.referenceTo.some((name) => context.schema.find(name) === undefined)
}

/** For each Id that exists: 1 when its record is in the recycle bin. */
function loadStates(context: WriteContext, ids: ReadonlySet<string>): ReadonlyMap<string, number> {
  const states = new Map<string, number>()
  for (const prefix of new Set([...ids].map((id) => id.slice(0, 3)))) {
    const object = context.schema.findById(prefix)
    if (object === undefined) continue
    const sql = `SELECT Id, IsDeleted FROM ${quoteName(object.name)} WHERE Id IN (SELECT value FROM json_each(?))`
    const group = JSON.stringify([...ids].filter((id) => id.startsWith(prefix)))
    for (const [id, deleted] of context.prepare(sql).rows([group])) {
      states.set(String(id), Number(deleted))
    }
  }
  return states
}
