import type { SqlValue } from './database.ts'
import type { WriteContext } from './dml.ts'
import { storeFile } from './dml-files.ts'
import { claimKey, findOwners, type KeyOwners, keyText } from './dml-keys.ts'
import { checkReferences, resolveParents } from './dml-lookups.ts'
import type { WritePlan } from './dml-plan.ts'
import type { RecordDraft } from './dml-rules.ts'
import type { WriteResult, WriteValue } from './engine.ts'
import { formatId } from './ids.ts'
import type { StoredField } from './schema.ts'
import { blobTable } from './schema-tables.ts'
import { formatAutoNumber, reserveNumbers } from './sequences.ts'
import { RowFault, wrongId, wrongType } from './values.ts'

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
interface StoredRecord {
  readonly number: number
  readonly id: string
  readonly deleted: boolean
  /** One for each target of the plan that has a column. */
  readonly values: SqlValue[]
}

/**
 * Inserts, updates or upserts the rows of one chunk, in order. The lookups that rows share (parents, keys, existing
 * records) are made once for the chunk; only then is each row checked and stored.
 */
export function writeRecords(
  context: WriteContext,
  plan: WritePlan,
  rows: readonly (readonly WriteValue[])[],
): readonly WriteResult[] {
  const drafts = rows.map((row) => readDraft(plan, row))
  resolveParents(context, plan, rows, drafts)
  checkReferences(context, plan, drafts)
  findExisting(context, plan, drafts)
  const owners = plan.uniques.map((target) => findOwners(context, plan, target, drafts))
  const newCount = drafts.reduce((sum, { fault, existing }) => sum + (fault || existing ? 0 : 1), 0)
  const numbers = plan.operation === 'update' ? [] : reserveNumbers(context, plan.object.name, newCount)
  return drafts.map((draft) => {
    const created = plan.operation !== 'update' && draft.existing === undefined
    try {
      if (draft.fault !== undefined) throw draft.fault
      if (draft.existing !== undefined) return updateRecord(context, plan, draft, draft.existing, owners)
      return insertRecord(context, plan, draft, numbers.shift() ?? 0, owners)
    } catch (fault) {
      if (!(fault instanceof RowFault)) throw fault
      const id = draft.existing?.id ?? (plan.key?.name === 'Id' && draft.key !== null ? String(draft.key) : '')
      return { id, created, error: fault.error }
    }
  })
}

function readDraft(plan: WritePlan, row: readonly WriteValue[]): Draft {
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
  const reader = plan.columns.find(({ cell }) => cell === plan.keyCell)?.read
  const key = text === undefined || text === null ? null : reader ? reader(text) : readRecordId(plan.key, text)
  if (key !== null) return key
  if (plan.operation === 'update') throw new RowFault('MISSING_ARGUMENT', 'Id not specified in an update call')
  if (plan.key.name !== 'Id') {
    throw new RowFault('MISSING_ARGUMENT', `${plan.key.name} not specified`, plan.key.name)
  }
  return null
}

function readRecordId(field: StoredField, text: string): SqlValue {
  return text.trim() === '' ? null : text.trim()
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
  const set = columns.filter(({ cell }) => row[cell] !== undefined && row[cell] !== null && row[cell] !== '')
  if (set.length > 0) throw readOnlyFault(set.map(({ field }) => field.name))
}

function readOnlyFault(names: readonly string[]): RowFault {
  const message = `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
  return new RowFault('INVALID_FIELD_FOR_INSERT_UPDATE', message, ...names)
}

/** Finds the records that the rows mean; a row whose record is missing or deleted, or whose key is not one, fails. */
function findExisting(context: WriteContext, plan: WritePlan, drafts: readonly Draft[]): void {
  const { key } = plan
  if (key === undefined) return
  const live = drafts.filter((draft) => draft.fault === undefined && draft.key !== null)
  if (key.name !== 'Id') {
    matchByKey(context, plan, key, live)
    return
  }
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
}

/** The same key twice in one chunk fails all its rows (protocol notes 2.4). */
function matchByKey(context: WriteContext, plan: WritePlan, key: StoredField, live: readonly Draft[]): void {
  const target = plan.positions.get(key.name) ?? -1
  const owners = findOwners(context, plan, target, live, key)
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

function insertRecord(
  context: WriteContext,
  plan: WritePlan,
  draft: Draft,
  number: number,
  owners: readonly KeyOwners[],
): WriteResult {
  const id = formatId(plan.object.keyPrefix, number)
  const values = plan.defaults.map((value, target) => draft.values[target] ?? value)
  applyRules(context, plan, draft, values, true)
  requireValues(plan, values)
  plan.targets.forEach((field, target) => {
    if (values[target] !== null) return
    if (field.autoNumber) values[target] = formatAutoNumber(context, plan.object, field)
    else if (field.name === 'OwnerId') values[target] = context.userId
    else if (field.nameField && field.defaultedOnCreate) values[target] = id
  })
  plan.uniques.forEach((target, index) => {
    claimKey(plan.targets[target], owners[index], values[target] ?? null, null, id)
  })
  const completed = storeFile(context, plan, id, values)
  const stored = plan.inserted.map((target) => completed[target] ?? null)
  context.prepare(plan.insertSql).run([number, id, context.now, context.userId, ...stored])
  storeBlobs(context, plan, id, completed)
  return { id, created: true }
}

function updateRecord(
  context: WriteContext,
  plan: WritePlan,
  draft: Draft,
  existing: StoredRecord,
  owners: readonly KeyOwners[],
): WriteResult {
  const fixed = plan.notUpdateable.filter(({ target }) => (draft.values[target] ?? null) !== null)
  if (fixed.length > 0) throw readOnlyFault(fixed.map(({ field }) => field.name))
  const values = existing.values.map((value, target) => {
    const given = draft.values[target]
    return given === undefined ? value : given
  })
  const emptied = plan.notNull.filter((target) => draft.values[target] === null)
  if (emptied.length > 0) throw missingFault(emptied.map((target) => plan.targets[target]?.name ?? ''))
  applyRules(context, plan, draft, values, false)
  plan.uniques.forEach((target, index) => {
    claimKey(plan.targets[target], owners[index], values[target] ?? null, existing.values[target] ?? null, existing.id)
  })
  const stored = plan.updated.map((target) => values[target] ?? null)
  context.prepare(plan.updateSql).run([existing.number, context.now, context.userId, ...stored])
  storeBlobs(context, plan, existing.id, draft.values)
  values.forEach((value, target) => {
    existing.values[target] = value
  })
  return { id: existing.id, created: false }
}

function requireValues(plan: WritePlan, values: readonly SqlValue[]): void {
  const empty = plan.required.filter((target) => values[target] === null)
  if (empty.length === 0 && plan.missing.length === 0) return
  throw missingFault([...plan.missing, ...empty.map((target) => plan.targets[target]?.name ?? '')])
}

function missingFault(names: readonly string[]): RowFault {
  return new RowFault('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, ...names)
}

function applyRules(context: WriteContext, plan: WritePlan, draft: Draft, values: SqlValue[], isNew: boolean): void {
  if (plan.rules.length === 0) return
  const position = (field: string): number => plan.positions.get(field) ?? -1
  const view: RecordDraft = {
    isNew,
    now: context.now,
    get: (field) => values[position(field)] ?? null,
    set: (field, value) => {
      values[position(field)] = value
    },
    isGiven: (field) => draft.values[position(field)] !== undefined,
  }
  for (const rule of plan.rules) rule.apply(view)
}

function storeBlobs(
  context: WriteContext,
  plan: WritePlan,
  id: string,
  values: readonly (SqlValue | undefined)[],
): void {
  for (const target of plan.blobs) {
    const body = values[target]
    if (typeof body !== 'string') continue
    const sql = `INSERT OR REPLACE INTO ${blobTable} (id, field, body) VALUES (?, ?, ?)`
    context.prepare(sql).run([id, plan.targets[target]?.name ?? '', Buffer.from(body, 'base64')])
  }
}
