import type { RecordBlock } from '../csv/records.ts'
import { recordFault } from '../csv/records.ts'
import type { ReadField, ReadTools } from '../extract/read-records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { MappedRows } from '../load/plan.ts'
import type { HeldRow, RowGate } from '../load/row-gate.ts'
import { parentOf } from '../mapping/field-names.ts'
import { formatRowError } from '../values/row-error.ts'
import { type Changes, ChangeTally, type FieldChange } from './change-tally.ts'
import type { CurrentRecord, CurrentRecords } from './current-records.ts'
import { expectedRows } from './expected-rows.ts'
import { CurrentReader } from './read-current.ts'
import { ReadOnlyFields } from './read-only-fields.ts'
import { keySpelling, type SameValue, sameText, sameValue } from './same-value.ts'
import { SentValues } from './sent-values.ts'

/** What is done about rows by what the org has already. */
export interface ChangePolicy {
  /** Rows that would change nothing are not sent. */
  readonly onlyChanged: boolean
  /** Rows whose record is not there are not sent. */
  readonly neverInsert: boolean
  /** Fields that have a value are left alone. */
  readonly onlyEmpty: boolean
  /** Rows of an update, a delete or the like whose record is not there are not sent. */
  readonly refusesMissing: boolean
}

/** A sent column, and where its current value stands among those that are read; -1 where it cannot be read. */
interface ComparedColumn {
  readonly column: number
  readonly name: string
  readonly value: number
  readonly isSame: SameValue
}

/**
 * Reads the records that the rows are for, and lets pass what would change them. Needs a key: an update, or an upsert.
 *
 * Records are compared as they were before the run. A row whose record an earlier row was sent to is always sent: what it says
 * may be what that row has changed.
 */
export class ChangeGate implements RowGate {
  readonly #rows: MappedRows
  readonly #policy: ChangePolicy
  readonly #records: CurrentRecords
  readonly #reader: CurrentReader
  readonly #values: SentValues
  readonly #key: number
  readonly #spellKey: (text: string) => string
  readonly #columns: readonly ComparedColumn[]
  readonly #tally = new ChangeTally()
  readonly #readOnly: ReadOnlyFields

  constructor(rows: MappedRows, policy: ChangePolicy, records: CurrentRecords, tools: ReadTools) {
    const { mapping, object, nulls } = rows
    this.#rows = rows
    this.#policy = policy
    this.#records = records
    this.#key = mapping.key ?? 0
    this.#values = new SentValues(mapping.columns, mapping.key, nulls)
    this.#readOnly = new ReadOnlyFields(mapping, nulls)
    const keyField = mapping.columns[this.#key]!.target.field
    this.#spellKey = keySpelling(keyField)
    const read: ReadField[] = []
    this.#columns = mapping.columns.flatMap(({ target }, column): ComparedColumn[] => {
      if (column === this.#key) return []
      const { field, isParent, name } = target
      const isReadable = isParent ? field.referenceTo.length === 1 : field.type !== 'base64'
      const source = isParent ? `${field.relationshipName}.${parentOf(target).key}` : field.name
      const value = isReadable ? read.push({ name: source, type: isParent ? 'string' : field.type }) - 1 : -1
      const isSame = isParent ? sameText : sameValue(field)
      return [{ column, name, value, isSame }]
    })
    const key = { name: keyField.name, type: keyField.type }
    const keys = key.name === 'Id' ? [key] : [{ name: 'Id', type: 'id' }, key]
    const query = { object: object.name, fields: [...keys, ...read], key, all: false }
    this.#reader = new CurrentReader({ query, records, spellKey: this.#spellKey }, tools)
  }

  /** What the rows that were judged would do. */
  get changes(): Changes {
    return this.#tally
  }

  async prepare(block: RecordBlock, computed: ComputedCells | undefined): Promise<void> {
    const keys = new Map<string, string>()
    for (let record = 0; record < block.count; record++) {
      if (block.fault[record] !== recordFault.none) continue
      const text = this.#values.read(this.#key, block, record, computed)?.trim()
      if (text) keys.set(this.#spellKey(text), text)
    }
    await this.#reader.read(keys, expectedRows(this.#rows.source, block))
  }

  hold(block: RecordBlock, record: number, computed: ComputedCells | undefined): HeldRow | undefined {
    const text = this.#values.read(this.#key, block, record, computed)?.trim()
    const key = text ? this.#spellKey(text) : ''
    const place = block.offset + block.recordStart[record]!
    const line = block.line[record]!
    const found = key === '' ? undefined : this.#records.find(key)
    const fault = this.#readOnly.find(found === undefined, block, record, computed)
    if (fault !== undefined) return { kind: 'rejected', error: `LOCAL:${formatRowError(fault)}` }
    if (found === undefined) {
      this.#tally.note(this.#rows.operation.key === 'id' ? 'missing' : 'created', line, place, [])
      return this.#judgeMissing(text ?? '')
    }
    const changes = found.isAmbiguous ? [] : this.#findChanges(found, block, record, computed)
    const isUnchanged = changes.length === 0 && !found.isAmbiguous
    this.#tally.note(isUnchanged ? 'unchanged' : 'changed', line, place, changes)
    const { onlyChanged, onlyEmpty } = this.#policy
    const wasWritten = found.writtenAt !== undefined && found.writtenAt < place
    if (isUnchanged && !wasWritten && (onlyChanged || onlyEmpty)) return { kind: 'skipped', id: found.id }
    if (found.writtenAt === undefined) this.#records.noteWrite(key, place)
    return undefined
  }

  /** The columns of a row that are left empty, so that their fields stay as they are. */
  blanks(block: RecordBlock, record: number, computed: ComputedCells | undefined): ReadonlySet<number> | undefined {
    if (!this.#policy.onlyEmpty) return undefined
    const text = this.#values.read(this.#key, block, record, computed)?.trim()
    const found = text ? this.#records.find(this.#spellKey(text)) : undefined
    if (found === undefined || found.isAmbiguous) return undefined
    return new Set(this.#columns.filter(({ value }) => isFilled(found, value)).map(({ column }) => column))
  }

  #findChanges(
    found: CurrentRecord,
    block: RecordBlock,
    record: number,
    computed: ComputedCells | undefined,
  ): readonly FieldChange[] {
    return this.#columns.flatMap(({ column, name, value, isSame }): FieldChange[] => {
      if (this.#policy.onlyEmpty && isFilled(found, value)) return []
      const sent = this.#values.read(column, block, record, computed)
      const from = found.values[value] ?? ''
      return sent === undefined || (value >= 0 && isSame(sent, from)) ? [] : [{ field: name, from, to: sent ?? '' }]
    })
  }

  #judgeMissing(key: string): HeldRow | undefined {
    const { mapping, object, operation } = this.#rows
    if (operation.key === 'id' && this.#policy.refusesMissing) {
      const error = { statusCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [] }
      return { kind: 'rejected', error: `LOCAL:${formatRowError(error)}` }
    }
    if (!this.#policy.neverInsert) return undefined
    const { name } = mapping.columns[this.#key]!.target
    const error = `LOCAL:${object.name} has no record whose ${name} is "${key}", and --never-insert creates none`
    return { kind: 'rejected', error }
  }
}

/** A field that cannot be read counts as filled: it must not be overwritten. */
function isFilled({ values }: CurrentRecord, value: number): boolean {
  return value < 0 || values[value] !== ''
}
