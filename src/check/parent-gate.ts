import type { RecordBlock } from '../csv/records.ts'
import { recordFault } from '../csv/records.ts'
import type { ReadTools } from '../extract/read-records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { MappedRows } from '../load/plan.ts'
import type { HeldRow, RowGate } from '../load/row-gate.ts'
import { parentOf } from '../mapping/field-names.ts'
import type { FieldDescription, ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { formatRowError, type RowError } from '../values/row-error.ts'
import type { CurrentRecords } from './current-records.ts'
import { expectedRows } from './expected-rows.ts'
import { keyPrefixes } from './key-prefixes.ts'
import { CurrentReader } from './read-current.ts'
import { keySpelling } from './same-value.ts'
import { SentValues } from './sent-values.ts'

/** Finds the parents that one column names in one object. */
interface ParentFinder {
  readonly column: number
  /** What Ids of the object begin with; undefined where the column does not hold Ids. */
  readonly prefix: string | undefined
  readonly records: CurrentRecords
  readonly spellKey: (text: string) => string
  readonly read: CurrentReader['read']
  missing(key: string): RowError
}

/**
 * Looks up the parents that rows name, by Id and by external ID, and holds back rows whose parent the org does not have.
 * `keep`: opens a store of a name. References whose object the Id does not tell are left alone.
 */
export async function openParentGate(
  rows: MappedRows,
  keep: (name: string) => CurrentRecords,
  tools: ReadTools,
): Promise<RowGate | undefined> {
  const { mapping, nulls, object } = rows
  const values = new SentValues(mapping.columns, mapping.key, nulls)
  const prefixes = keyPrefixes([object])
  const described = await describeParents(rows, tools.org)
  const finders = mapping.columns.flatMap(({ target }, column): ParentFinder[] => {
    const { field, isParent } = target
    if (isParent) {
      const { object: parent, key } = parentOf(target)
      const keyField = described.get(parent)?.fields.find(({ name }) => name.toLowerCase() === key.toLowerCase())
      if (keyField === undefined) return []
      const missing = (text: string) => parentNotFound(text, keyField.name, parent)
      return [openFinder(column, { object: parent, key: keyField, prefix: undefined }, missing, keep, tools)]
    }
    if (field.type !== 'reference') return []
    return field.referenceTo.flatMap((parent) => {
      const prefix = prefixes.get(parent)
      if (prefix === undefined) return []
      const found = { object: parent, key: idField, prefix }
      return [openFinder(column, found, () => unknownReference(field), keep, tools)]
    })
  })
  return finders.length === 0 ? undefined : new ParentGate(rows, values, finders)
}

const idField = { name: 'Id', type: 'id', caseSensitive: true }

/** The objects that parents are named in by external ID. */
async function describeParents(
  { mapping }: MappedRows,
  org: Pick<Org, 'describe'>,
): Promise<ReadonlyMap<string, ObjectDescription>> {
  const names = mapping.columns.flatMap(({ target }) => (target.isParent ? [parentOf(target).object] : []))
  return new Map(await Promise.all(names.map(async (name) => [name, await org.describe(name)] as const)))
}

function openFinder(
  column: number,
  parent: {
    readonly object: string
    readonly key: Pick<FieldDescription, 'name' | 'type' | 'caseSensitive'>
    readonly prefix: string | undefined
  },
  missing: ParentFinder['missing'],
  keep: (name: string) => CurrentRecords,
  tools: ReadTools,
): ParentFinder {
  const { object, key, prefix } = parent
  const records = keep(`parents-${column}-${object}`)
  const spellKey = keySpelling(key)
  const fields = key.name === 'Id' ? [key] : [idField, key]
  const reader = new CurrentReader({ query: { object, fields, key, all: false }, records, spellKey }, tools)
  return { column, prefix, records, spellKey, missing, read: (keys, count) => reader.read(keys, count) }
}

class ParentGate implements RowGate {
  readonly #rows: MappedRows
  readonly #values: SentValues
  readonly #finders: readonly ParentFinder[]

  constructor(rows: MappedRows, values: SentValues, finders: readonly ParentFinder[]) {
    this.#rows = rows
    this.#values = values
    this.#finders = finders
  }

  async prepare(block: RecordBlock, computed: ComputedCells | undefined): Promise<void> {
    for (const finder of this.#finders) {
      const keys = new Map<string, string>()
      for (let record = 0; record < block.count; record++) {
        if (block.fault[record] !== recordFault.none) continue
        const key = this.#keyOf(finder, block, record, computed)
        if (key !== undefined) keys.set(key.spelling, key.text)
      }
      if (keys.size > 0) await finder.read(keys, expectedRows(this.#rows.source, block))
    }
  }

  hold(block: RecordBlock, record: number, computed: ComputedCells | undefined): HeldRow | undefined {
    for (const finder of this.#finders) {
      const key = this.#keyOf(finder, block, record, computed)
      if (key === undefined || finder.records.find(key.spelling) !== undefined) continue
      return { kind: 'rejected', error: `LOCAL:${formatRowError(finder.missing(key.text))}` }
    }
    return undefined
  }

  /** The parent that a row names in the finder's object. */
  #keyOf(
    { column, prefix, spellKey }: ParentFinder,
    block: RecordBlock,
    record: number,
    computed: ComputedCells | undefined,
  ): { readonly text: string; readonly spelling: string } | undefined {
    const text = this.#values.read(column, block, record, computed)?.trim()
    if (!text) return undefined
    const spelling = spellKey(text)
    return prefix === undefined || spelling.startsWith(prefix) ? { text, spelling } : undefined
  }
}

/** Source: protocol notes 8, INVALID_FIELD. */
function parentNotFound(text: string, key: string, object: string): RowError {
  const message = `Foreign key external ID: ${text} not found for field ${key} in entity ${object}`
  return { statusCode: 'INVALID_FIELD', message, fields: [] }
}

function unknownReference({ name }: FieldDescription): RowError {
  return { statusCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [name] }
}
