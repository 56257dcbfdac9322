import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { NullPolicy } from '../load/encode-row.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { FieldDescription } from '../org/object-description.ts'
import type { RowError } from '../values/row-error.ts'
import { SentValues } from './sent-values.ts'

/** Fields of an upsert that only a new record can be given, or only one that is there. */
export class ReadOnlyFields {
  readonly #values: SentValues
  readonly #notCreateable: readonly Filled[]
  readonly #notUpdateable: readonly Filled[]

  constructor({ columns, key }: CompiledMapping, nulls: NullPolicy) {
    this.#values = new SentValues(columns, key, nulls)
    const filled = columns.flatMap(({ target }, column): Filled[] =>
      column === key ? [] : [{ column, field: target.field }],
    )
    this.#notCreateable = filled.filter(({ field }) => !field.createable)
    this.#notUpdateable = filled.filter(({ field }) => !field.updateable)
  }

  /** Whether no row can be refused for them. */
  get isEmpty(): boolean {
    return this.#notCreateable.length === 0 && this.#notUpdateable.length === 0
  }

  /** The error of a row that creates a record (`isNew`), or changes one; empty cells do no harm. */
  find(isNew: boolean, block: RecordBlock, record: number, computed: ComputedCells | undefined): RowError | undefined {
    const columns = isNew ? this.#notCreateable : this.#notUpdateable
    const given = columns.filter(({ column }) => this.#values.read(column, block, record, computed))
    if (given.length === 0) return undefined
    const names = given.map(({ field }) => field.name)
    const message = `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`
    return { statusCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', message, fields: names }
  }
}

interface Filled {
  readonly column: number
  readonly field: FieldDescription
}
