import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { NullPolicy } from '../load/encode-row.ts'
import type { SentColumn } from '../mapping/compile.ts'
import { serviceNull } from '../service-null.ts'

/** What a row says of a field: a text, null, or nothing, which leaves the field alone. */
export type SentValue = string | null | undefined

/** Reads what the rows of a mapping send. */
export class SentValues {
  readonly #columns: readonly SentColumn[]
  readonly #key: number | undefined
  readonly #nulls: NullPolicy

  constructor(columns: readonly SentColumn[], key: number | undefined, nulls: NullPolicy) {
    this.#columns = columns
    this.#key = key
    this.#nulls = nulls
  }

  /** The value of a sent column, line endings LF; `computed`: has the row's made values, or can make them. */
  read(column: number, block: RecordBlock, record: number, computed: ComputedCells | undefined): SentValue {
    const text = this.#text(column, block, record, computed)
    const isKey = column === this.#key
    if (text === '') return this.#nulls.emptyAsNull && !isKey ? null : undefined
    if (text === serviceNull || (text === this.#nulls.nullValue && !isKey)) return null
    return text.replaceAll(/\r\n?/g, '\n')
  }

  #text(column: number, block: RecordBlock, record: number, computed: ComputedCells | undefined): string {
    const { from } = this.#columns[column]!
    if (typeof from === 'number') return cellText(block, block.firstCell[record]! + from)
    if ('constant' in from) return from.constant
    if (computed?.evaluate(block, record) !== undefined) return ''
    const { bytes = Buffer.alloc(0), start = 0, end = 0 } = computed?.value(column) ?? {}
    return bytes.toString('utf8', start, end)
  }
}
