import { join } from 'node:path'
import type { RecordTable } from '../csv/record-table.ts'
import { type RecordBlock, recordFault } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { MappedRows } from '../load/plan.ts'
import type { HeldRow, RowGate } from '../load/row-gate.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { normalizeId } from '../values/record-id.ts'
import { formatRowError } from '../values/row-error.ts'
import { type PicklistsOfType, readKeptPicklists, readRecordTypePicklists } from './record-type-picklists.ts'
import { SentValues } from './sent-values.ts'

/** A restricted picklist that the rows fill. */
interface PicklistColumn {
  readonly column: number
  readonly field: FieldDescription
}

/**
 * Holds back rows with a value that their record type does not have. Undefined where no row can be such: the object has no record
 * types, or no restricted picklist is filled, or nothing tells the record type of a row.
 *
 * `folder`: where answers are kept for as long as the run may be carried on.
 */
export async function openPicklistGate(rows: MappedRows, org: Org, folder: string): Promise<PicklistGate | undefined> {
  if (!dependsOnRecordType(rows)) return undefined
  const { object } = rows
  const place = (type: string) => join(folder, `picklists-${type}.json`)
  const types = new Map<string, PicklistsOfType | undefined>()
  for (const type of typesOf(object)) {
    const kept = await readKeptPicklists(place(type))
    if (kept !== 'unasked') types.set(type, kept)
  }
  return new PicklistGate(rows, types, (type) => readRecordTypePicklists(org, object.name, type, place(type)))
}

/**
 * Whether a value may be good or bad by the record type of its row, and that is told: by a column, or for a new record by the user's
 * default. A record type by external ID, and that of a record which is there already, are not known here.
 */
export function dependsOnRecordType({ mapping, object, operation }: MappedRows): boolean {
  if (operation.fields === 'id-only' || typesOf(object).length === 0 || picklistsOf(mapping).length === 0) return false
  const type = mapping.columns.find(({ target }) => target.field.name === 'RecordTypeId')
  return type === undefined ? operation.key === 'none' : !type.target.isParent
}

/** Ids of the record types, the master left out. */
function typesOf({ recordTypeInfos = [] }: Pick<ObjectDescription, 'recordTypeInfos'>): readonly string[] {
  return recordTypeInfos.flatMap(({ master, recordTypeId }) =>
    master === false ? [normalizeId(recordTypeId) ?? recordTypeId] : [],
  )
}

function picklistsOf({ columns }: CompiledMapping): readonly PicklistColumn[] {
  return columns.flatMap(({ target }, column) =>
    target.field.restrictedPicklist && !target.isParent ? [{ column, field: target.field }] : [],
  )
}

class PicklistGate implements RowGate {
  readonly #values: SentValues
  readonly #columns: readonly PicklistColumn[]
  readonly #typeColumn: number
  readonly #read: (recordType: string) => Promise<PicklistsOfType | undefined>
  readonly #types: Map<string, PicklistsOfType | undefined>
  readonly #known: ReadonlySet<string>
  readonly #default: string | undefined
  #computed: ComputedCells | undefined

  constructor(
    { mapping, object, operation, nulls }: MappedRows,
    types: Map<string, PicklistsOfType | undefined>,
    read: (recordType: string) => Promise<PicklistsOfType | undefined>,
  ) {
    this.#values = new SentValues(mapping.columns, mapping.key, nulls)
    this.#columns = picklistsOf(mapping)
    this.#typeColumn = mapping.columns.findIndex(({ target }) => target.field.name === 'RecordTypeId')
    this.#types = types
    this.#known = new Set(typesOf(object))
    this.#read = read
    const own = object.recordTypeInfos?.find(({ defaultRecordTypeMapping }) => defaultRecordTypeMapping)
    this.#default = operation.key === 'none' && !own?.master ? own?.recordTypeId : undefined
  }

  /** Whether the org did not tell the values of a record type. */
  get isUntold(): boolean {
    return [...this.#types.values()].includes(undefined)
  }

  async prepare(block: RecordBlock, computed: ComputedCells | undefined): Promise<void> {
    this.#computed = computed
    for (let record = 0; record < block.count; record++) {
      if (block.fault[record] !== recordFault.none) continue
      const type = this.#typeOf(block, record)
      if (type === undefined || this.#types.has(type) || !this.#known.has(type)) continue
      const isGiven = ({ column }: PicklistColumn) => Boolean(this.#values.read(column, block, record, computed))
      if (this.#columns.some(isGiven)) this.#types.set(type, await this.#read(type))
    }
  }

  hold(block: RecordBlock, record: number): HeldRow | undefined {
    const type = this.#typeOf(block, record)
    const picklists = type === undefined ? undefined : this.#types.get(type)
    if (picklists === undefined) return undefined
    for (const { column, field } of this.#columns) {
      const allowed = picklists.get(field.name.toLowerCase())
      const text = this.#values.read(column, block, record, this.#computed)?.trim()
      if (!text || allowed === undefined) continue
      const values = field.type === 'multipicklist' ? text.split(';').filter((value) => value !== '') : [text]
      const bad = values.find((value) => !allowed.has(value))
      if (bad === undefined) continue
      const statusCode = 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'
      const message = `${field.label}: bad value for restricted picklist field: ${bad}`
      return { kind: 'rejected', error: `LOCAL:${formatRowError({ statusCode, message, fields: [field.name] })}` }
    }
    return undefined
  }

  countPassing(table: RecordTable, first: number, end: number): number {
    let record = first
    while (record < end && this.hold(table, record) === undefined) record++
    return record - first
  }

  #typeOf(block: RecordBlock, record: number): string | undefined {
    const text = this.#typeColumn < 0 ? undefined : this.#values.read(this.#typeColumn, block, record, this.#computed)
    return text ? normalizeId(text.trim()) : this.#default
  }
}
