import type { SqlValue } from '../sqlite/database.ts'
import { formatId } from '../values/record-id.ts'
import { RowFault } from '../values/row-error.ts'
import { storeBody } from './bodies.ts'
import type { WriteContext } from './dml-context.ts'
import { type Draft, readDraft, readOnlyFault, type StoredRecord } from './dml-drafts.ts'
import { findExisting } from './dml-existing.ts'
import { refuseSecondLink, storeFile } from './dml-files.ts'
import { claimKey, findOwners, type KeyOwners } from './dml-keys.ts'
import { checkReferences, resolveParents } from './dml-lookups.ts'
import type { WritePlan } from './dml-plan.ts'
import type { WriteRequest, WriteResult } from './engine.ts'
import type { RecordDraft } from './record-rule.ts'
import { checkRecordType, recordTypesOf } from './record-types.ts'
import { formatAutoNumber, reserveNumbers } from './sequences.ts'

/**
 * Inserts, updates or upserts the rows of one chunk, in order. The lookups that rows share (parents, keys, existing
 * records) are made once for the chunk; only then is each row checked and stored.
 */
export function writeRecords(
  context: WriteContext,
  plan: WritePlan,
  { rows, staged }: Pick<WriteRequest, 'rows' | 'staged'>,
): readonly WriteResult[] {
  const drafts = rows.map((row) => readDraft(plan, row))
  if (staged !== undefined) takeStaged(plan, staged, drafts)
  resolveParents(context, plan, rows, drafts)
  checkReferences(context, plan, drafts)
  const keyOwners = findExisting(context, plan, drafts)
  const owners = plan.uniques.map(({ field }) =>
    field === plan.key && keyOwners ? keyOwners : findOwners(context, plan, field, drafts),
  )
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

function takeStaged(plan: WritePlan, staged: NonNullable<WriteRequest['staged']>, drafts: readonly Draft[]): void {
  const target = plan.positions.get(staged.field)
  for (const draft of drafts) if (target !== undefined) draft.values[target] = staged.body.text
}

function insertRecord(
  context: WriteContext,
  plan: WritePlan,
  draft: Draft,
  number: number,
  owners: readonly KeyOwners[],
): WriteResult {
  const id = formatId(plan.object.keyPrefix, number)
  const values = plan.defaults.map((value, target) => {
    const given = draft.values[target]
    return given === undefined || (given === null && plan.targets[target]?.nillable === false) ? value : given
  })
  applyRules(context, plan, draft, values, true)
  requireValues(plan, values)
  checkType(plan, draft, values)
  plan.targets.forEach((field, target) => {
    if (values[target] !== null) return
    if (field.autoNumber) values[target] = formatAutoNumber(context, plan.object, field)
    else if (field.name === 'OwnerId') values[target] = context.userId
    else if (field.nameField && field.defaultedOnCreate) values[target] = id
  })
  plan.uniques.forEach(({ field, target }, index) => {
    claimKey(field, owners[index], values[target] ?? null, null, id)
  })
  if (plan.object.name === 'ContentVersion') storeFile(context, id, fieldsOf(plan, values))
  if (plan.object.name === 'ContentDocumentLink') refuseSecondLink(context, fieldsOf(plan, values))
  const stored = plan.inserted.map((target) => values[target] ?? null)
  context.prepare(plan.insertSql).run([number, id, context.now, context.userId, ...stored])
  storeBlobs(context, plan, id, values)
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
  checkType(plan, draft, values)
  plan.uniques.forEach(({ field, target }, index) => {
    claimKey(field, owners[index], values[target] ?? null, existing.values[target] ?? null, existing.id)
  })
  const stored = plan.updated.map((target) => values[target] ?? null)
  context.prepare(plan.updateSql).run([existing.number, context.now, context.userId, ...stored])
  storeBlobs(context, plan, existing.id, draft.values)
  values.forEach((value, target) => {
    existing.values[target] = value
  })
  return { id: existing.id, created: false }
}

/** Picklists are held against the record's type where the row sets them. */
function checkType(plan: WritePlan, draft: Draft, values: readonly SqlValue[]): void {
  const place = plan.positions.get('RecordTypeId')
  if (place === undefined || recordTypesOf(plan.object).length === 0) return
  const given = plan.targets.flatMap((field, target) => {
    const value = draft.values[target]
    return value === undefined ? [] : [{ field, value }]
  })
  checkRecordType(plan.object, values[place] ?? null, given)
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
  const view: RecordDraft = {
    ...fieldsOf(plan, values),
    isNew,
    now: context.now,
    isGiven: (field) => draft.values[plan.positions.get(field) ?? -1] !== undefined,
  }
  for (const rule of plan.rules) rule.apply(view)
}

function fieldsOf(plan: WritePlan, values: SqlValue[]): Pick<RecordDraft, 'get' | 'set'> {
  return {
    get: (field) => values[plan.positions.get(field) ?? -1] ?? null,
    set: (field, value) => {
      const target = plan.positions.get(field)
      if (target !== undefined) values[target] = value
    },
  }
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
    storeBody(context.prepare, id, plan.targets[target]?.name ?? '', body)
  }
}
