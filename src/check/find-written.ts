import { type ReadField, type ReadTools, readRecords } from '../extract/read-records.ts'
import { fetchUserId } from '../org/fetch-user-id.ts'
import type { FieldDescription } from '../org/object-description.ts'
import { findOrgTime, type OrgTime } from '../org/org-time.ts'
import { serviceNull } from '../service-null.ts'
import type { SoapColumn } from '../soap/columns.ts'
import type { LostCall, RowTrace } from '../soap/settle-call.ts'
import { keySpelling, type SameValue, sameText, sameValue } from './same-value.ts'
import type { SentValue } from './sent-values.ts'

/**
 * What the org shows of rows whose answer was lost.
 *
 * A row that creates is found by a unique field among the records that were created since the call began; of several with
 * one value it is the first that the record looks like. A row that changes
 * is written when its record was changed since, by this user, and has the values that were sent; it is untouched when the
 * record was not changed since. Anything else nobody can tell. A row that deletes or undeletes is judged by where its record
 * lies now. Costs a call for all rows, and throws what `readRecords` throws.
 */
export async function findWritten(lost: LostCall, tools: ReadTools): Promise<readonly RowTrace[]> {
  const { shape, rows, externalIdField } = lost
  const { call, columns, object } = shape
  const isCreate = call.element === 'create'
  const byKey = !isCreate && externalIdField !== undefined && externalIdField.toLowerCase() !== 'id'
  const key = columns.findIndex(({ field, parent }) => {
    if (parent !== undefined) return false
    if (isCreate) return field.unique && field.type !== 'id'
    return byKey ? field.name === externalIdField : field.type === 'id'
  })
  if (key < 0) return rows.map(() => nothingToAskBy)
  const keyField = columns[key]!.field
  const audits = auditFields.filter(({ name }) => object.fields.some((field) => field.name === name))
  const spell = keySpelling(keyField)
  const keys = rows.map((cells) => keyOf(cells[key] ?? ''))
  const spelled = keys.map((text) => (text === '' ? '' : spell(text)))
  const twins = findTwins(spelled)
  const compared = call.sends === 'ids' || (isCreate && twins.size === 0) ? [] : comparable(columns, key)
  const fields: ReadField[] = [
    { name: 'Id', type: 'id' },
    ...(keyField.type === 'id' ? [] : [{ name: keyField.name, type: keyField.type }]),
    ...audits,
    ...compared.map(({ source, type }) => ({ name: source, type })),
  ]
  const asked = new Map(keys.filter((text) => text !== '').map((text) => [spell(text), text]))
  const moment = await findOrgTime(tools.org, lost.since)
  const user = await fetchUserId(tools.org, tools.signal)

  const records = new Map<string, FoundRecord>()
  const query = { object: object.name, fields, key: keyField, all: call.sends === 'ids' }
  for await (const page of readRecords(query, asked.values(), asked.size, tools)) {
    for (const cells of page) {
      const value = (name: string) => cells[fields.findIndex((field) => field.name === name)] ?? ''
      const values = compared.map(({ source }) => value(source))
      records.set(spell(value(keyField.name)), { id: value('Id'), value, values })
    }
  }

  const traces = rows.map((cells, row): RowTrace => {
    if (keys[row] === '') return isCreate || !byKey ? emptyKey(call.element, keyField) : { state: 'absent' }
    const record = records.get(spelled[row]!)
    if (record === undefined) return { state: 'absent' }
    if (call.sends === 'ids') return judgeLocation(record, call.element === 'delete', moment)
    const isSame = compared.every(({ column, same }, index) => same(sentOf(cells[column]), record.values[index]!))
    if (isCreate) return judgeCreated(record, moment, isSame || !twins.has(spelled[row]!))
    const trace = judgeChanged(record, { isSame, isCompared: compared.length > 0 }, moment, user)
    return trace.state === 'written' && call.element === 'update' ? { ...trace, created: false } : trace
  })
  return isCreate ? separateCreated(traces, spelled) : separateTwins(traces, spelled)
}

interface FoundRecord {
  readonly id: string
  readonly value: (name: string) => string
  readonly values: readonly string[]
}

const auditFields: readonly ReadField[] = [
  { name: 'CreatedDate', type: 'datetime' },
  { name: 'SystemModstamp', type: 'datetime' },
  { name: 'LastModifiedById', type: 'reference' },
  { name: 'IsDeleted', type: 'boolean' },
]

const nothingToAskBy: RowTrace = {
  state: 'untold',
  reason:
    'the answer to its call was lost, and no field that is sent is unique, so that the org cannot be asked for it',
}

function emptyKey(element: string, { name }: FieldDescription): RowTrace {
  // Without an Id there is no record that could have been changed, but an upsert creates one.
  if (element !== 'create' && element !== 'upsert') return { state: 'absent' }
  return {
    state: 'untold',
    reason: `the answer to its call was lost, and its ${name} is empty, by which it could be found`,
  }
}

/** @param isIt false for a row that shares its key with another one of the call and has other values than the record */
function judgeCreated({ id, value }: FoundRecord, { from }: OrgTime, isIt: boolean): RowTrace {
  // An older record of that value makes the service refuse the row, which it says when it is sent.
  if (Date.parse(value('CreatedDate')) < from) return { state: 'absent' }
  return isIt ? { state: 'written', id, created: true } : { state: 'untold', reason: sharedKey }
}

const sharedKey = 'the answer to its call was lost, and another row of it is about the same record'

/** Keys that more than one row has. */
function findTwins(keys: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  return new Set(keys.filter((key) => key !== '' && seen.size === seen.add(key).size))
}

/**
 * Of rows with one unique value the record is that of the first whose values it has. The others are for the service to
 * refuse, which does no harm.
 */
function separateCreated(traces: readonly RowTrace[], keys: readonly string[]): readonly RowTrace[] {
  const firsts = new Map<string, number>()
  for (const [row, { state }] of traces.entries()) {
    if (state === 'written' && !firsts.has(keys[row]!)) firsts.set(keys[row]!, row)
  }
  return traces.map((trace, row): RowTrace => {
    const first = firsts.get(keys[row]!)
    return first === undefined || first === row ? trace : { state: 'absent' }
  })
}

function judgeLocation({ id, value }: FoundRecord, isDelete: boolean, { from }: OrgTime): RowTrace {
  const isDeleted = value('IsDeleted').toLowerCase() === 'true'
  const isRecent = Date.parse(value('SystemModstamp')) >= from
  if (isDeleted !== isDelete) return { state: 'absent' }
  return isRecent ? { state: 'written', id, created: false } : { state: 'absent', gone: true }
}

function judgeChanged(
  { id, value }: FoundRecord,
  { isSame, isCompared }: { readonly isSame: boolean; readonly isCompared: boolean },
  { from, to }: OrgTime,
  user: string | undefined,
): RowTrace {
  const changed = Date.parse(value('SystemModstamp'))
  if (Number.isNaN(changed)) {
    return { state: 'untold', reason: 'the answer to its call was lost, and the org tells no time of its last change' }
  }
  if (changed < from) return { state: 'absent' }
  const author = value('LastModifiedById')
  const isMine = user === undefined || author === '' || author.startsWith(user)
  // What was created and changed at different times was there before.
  const created = Date.parse(value('CreatedDate')) >= from && value('CreatedDate') === value('SystemModstamp')
  if (isMine && isSame && (isCompared || changed > to)) return { state: 'written', id, created }
  // Times are told in whole seconds: what was changed just before the call began looks like this, too.
  if (changed <= to && isCompared) return { state: 'absent' }
  const what = isMine ? 'changed to something else than was sent' : 'changed by somebody else'
  return { state: 'untold', reason: `the answer to its call was lost, and its record was ${what} since` }
}

/** Of rows about one record the last stands: where it is written, nobody can tell of the others, nor may they be sent again. */
function separateTwins(traces: readonly RowTrace[], keys: readonly string[]): readonly RowTrace[] {
  const written = new Set(traces.flatMap(({ state }, row) => (state === 'written' ? [keys[row]!] : [])))
  return traces.map((trace, row) => {
    if (trace.state !== 'absent' || keys[row] === '' || !written.has(keys[row]!)) return trace
    return { state: 'untold', reason: sharedKey }
  })
}

interface ComparedColumn {
  readonly column: number
  /** The field, or the path to it. */
  readonly source: string
  readonly type: string
  readonly same: SameValue
}

/** Columns whose values can be read back. */
function comparable(columns: readonly SoapColumn[], key: number): readonly ComparedColumn[] {
  return columns.flatMap(({ field, parent }, column): ComparedColumn[] => {
    if (column === key || field.type === 'base64') return []
    if (parent === undefined) return [{ column, source: field.name, type: field.type, same: sameValue(field) }]
    if (field.referenceTo.length !== 1) return []
    return [{ column, source: `${parent.element}.${parent.key}`, type: 'string', same: sameText }]
  })
}

function keyOf(cell: string): string {
  return cell === serviceNull ? '' : cell.trim()
}

/** What a cell of a call says of its field. */
function sentOf(cell = ''): SentValue {
  if (cell === '') return undefined
  return cell === serviceNull || cell.trim() === '' ? null : cell
}
