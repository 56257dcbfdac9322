import type { SqlValue } from '../sqlite/database.ts'
import { wrongId } from '../values/read-value.ts'
import { RowFault } from '../values/row-error.ts'
import type { WriteContext } from './dml-context.ts'
import type { Draft, StoredRecord } from './dml-drafts.ts'
import { type KeyOwners, keyText, loadOwners } from './dml-keys.ts'
import type { WritePlan } from './dml-plan.ts'
import type { StoredField } from './schema.ts'

/**
 * Finds the records that the rows mean; a row whose record is missing or deleted, or whose key is not one, fails. For an
 * external ID it returns who holds the keys.
 */
export function findExisting(context: WriteContext, plan: WritePlan, drafts: readonly Draft[]): KeyOwners | undefined {
  const { key } = plan
  if (key === undefined) return undefined
  const live = drafts.filter((draft) => draft.fault === undefined && draft.key !== null)
  if (key.name !== 'Id') return matchByKey(context, plan, key, live)
  for (const draft of live) {
    if (context.schema.findById(String(draft.key)) !== plan.object) draft.fault = wrongId(key, String(draft.key))
  }
  const records = loadRecords(context, plan, new Set(live.map((draft) => String(draft.key))))
  for (const draft of live) {
    if (draft.fault !== undefined) continue
    draft.existing = records.get(String(draft.key))
    if (draft.existing === undefined)
      draft.fault = new RowFault('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    else if (draft.existing.deleted) draft.fault = new RowFault('ENTITY_IS_DELETED', 'entity is deleted')
  }
  return undefined
}

/** The same key twice in one chunk fails all its rows (protocol notes 2.4). */
function matchByKey(context: WriteContext, plan: WritePlan, key: StoredField, live: readonly Draft[]): KeyOwners {
  const keys = live.map((draft) => draft.key)
  const owners = loadOwners(context, plan.object.name, key, keys)
  const uses = new Map<string, number>()
  for (const { key: value } of live) uses.set(keyText(key, value), (uses.get(keyText(key, value)) ?? 0) + 1)
  for (const draft of live) {
    const found = owners.get(keyText(key, draft.key)) ?? []
    if ((uses.get(keyText(key, draft.key)) ?? 0) > 1) {
      draft.fault = new RowFault('DUPLICATE_VALUE', `Duplicate external id specified: ${draft.key}`, key.name)
    } else if (found.length > 1) {
      const message = `${key.label}: more than one record found for external id field: [${found.join(', ')}]`
      draft.fault = new RowFault('DUPLICATE_EXTERNAL_ID', message, key.name)
    }
  }
  const ids = live.flatMap((draft) => (draft.fault ? [] : (owners.get(keyText(key, draft.key)) ?? [])))
  const records = loadRecords(context, plan, new Set(ids))
  for (const draft of live) {
    const id = draft.fault ? undefined : owners.get(keyText(key, draft.key))?.[0]
    draft.existing = id === undefined ? undefined : records.get(id)
  }
  return owners
}

function loadRecords(context: WriteContext, plan: WritePlan, ids: ReadonlySet<string>): Map<string, StoredRecord> {
  const records = new Map<string, StoredRecord>()
  if (ids.size === 0) return records
  for (const [number, id, deleted, ...stored] of context.prepare(plan.selectSql).rows([JSON.stringify([...ids])])) {
    const values: SqlValue[] = new Array(plan.targets.length).fill(null)
    plan.inserted.forEach((target, index) => {
      values[target] = stored[index] ?? null
    })
    records.set(String(id), { number: Number(number), id: String(id), deleted: deleted === 1, values })
  }
  return records
}
