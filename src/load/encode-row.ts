import { type CountPassing, countPassingRows } from '../csv/plain-rows.ts'
import type { RecordTable } from '../csv/record-table.ts'
import { type Dialect, type RecordBlock, recordFault, recordTrait } from '../csv/records.ts'
import type { CompiledMapping, SentColumn } from '../mapping/compile.ts'
import type { LookupTable } from '../mapping/lookup-table.ts'
import { serviceNull } from '../service-null.ts'
import type { ByteWriter } from './byte-writer.ts'
import { ComputedCells } from './computed-cells.ts'
import { describeFault } from './describe-fault.ts'
import type { HeldRow, RowGate } from './row-gate.ts'
import { cellLength, copyQuoted, needsQuotes, quoted } from './sent-cell.ts'
import { placeOfColumn, type Recipe, type Run, writeRecipe } from './write-recipe.ts'

/** What an empty cell and the null marker mean. */
export interface NullPolicy {
  /** Cells with this text become null. */
  readonly nullValue: string
  /** Empty cells become null instead of leaving the field alone. */
  readonly emptyAsNull: boolean
}

const comma = 0x2c
const quote = 0x22
const lineFeed = 0x0a

/** How many records may be written. */
interface BatchRoom {
  /** Bytes at which it may stop. */
  readonly enough: number
  /** Bytes and rows that the part still takes. */
  readonly bytes: number
  readonly rows: number
}

interface Batch {
  readonly rows: number
  readonly bytes: number
  /** Whether the record that follows does not fit into the part any more. */
  readonly isFull: boolean
}

/** Where every few records one stops the others, those behind it are counted over and over. */
const mostCounted = 256

const mostInt32 = 2 ** 31 - 1
const emptyBatch: Batch = { rows: 0, bytes: 0, isFull: false }

/**
 * Turns a row of the input into the record that is sent: the mapped cells, comma, LF, UTF-8, whatever the input's
 * delimiter and line ending are, so that the service's line-ending errors cannot happen.
 *
 * Cells are copied as they stand, quotes included. Measured on 200 MB with 9 of 12 columns (perf figures in
 * docs/performance.md): raw slices about 300 MB/s in 63 MiB, csv-parse into csv-stringify 18 MB/s in 136 MiB.
 */
export class RowEncoder {
  /** The header line. */
  readonly header: Buffer
  /** Values that are made of cells; undefined where none is, so that such a row costs nothing. */
  readonly computed: ComputedCells | undefined
  readonly #columns: readonly SentColumn[]
  readonly #keyColumn: number | undefined
  readonly #runs: readonly Run[] | undefined
  /** How the kernel puts a record together. */
  readonly #recipe: Recipe
  /** Index of the first column that is no cell as it stands: constants and computed values come last. */
  readonly #firstMade: number
  readonly #constants: readonly (Buffer | undefined)[]
  readonly #delimiter: number
  readonly #nullMarker: Buffer | undefined
  readonly #emptyAsNull: boolean
  readonly #keyMustNotBeEmpty: boolean
  readonly #keyName: string
  readonly #inputColumns: number
  readonly #gate: RowGate | undefined
  readonly #countSound: CountPassing

  /**
   * `keyMustNotBeEmpty`: a row without its key is not sent. `lookups`: tables of computed columns, by index. `gate`: holds back
   * rows for reasons of its own.
   */
  constructor(
    mapping: CompiledMapping,
    input: { readonly dialect: Dialect; readonly header: readonly string[] },
    nulls: NullPolicy,
    keyMustNotBeEmpty: boolean,
    lookups: ReadonlyMap<number, LookupTable> = new Map(),
    gate?: RowGate,
  ) {
    this.#gate = gate
    const { columns } = mapping
    this.#inputColumns = input.header.length
    this.header = Buffer.from(`${columns.map(({ target }) => target.name).join(',')}\n`)
    this.#columns = columns
    this.#keyColumn = mapping.key
    this.#keyName = mapping.key === undefined ? '' : (columns[mapping.key]?.target.name ?? '')
    this.#keyMustNotBeEmpty = keyMustNotBeEmpty
    this.#delimiter = input.dialect.delimiter.charCodeAt(0)
    this.#nullMarker = nulls.nullValue === serviceNull ? undefined : Buffer.from(nulls.nullValue)
    this.#emptyAsNull = nulls.emptyAsNull
    this.#constants = columns.map(({ from }) =>
      typeof from === 'object' && 'constant' in from ? quoted(from.constant) : undefined,
    )
    const { nullValue } = nulls
    this.computed = columns.some(({ from }) => typeof from === 'object' && 'computed' in from)
      ? new ComputedCells(columns, input.header, lookups, { nullValue, key: mapping.key })
      : undefined
    // With one column an empty cell would be an empty line, which readers skip: it must be written as "".
    const plain = this.#delimiter === comma && !this.#nullMarker && !this.#emptyAsNull && columns.length > 1
    const made = columns.findIndex(({ from }) => typeof from !== 'number')
    this.#firstMade = made < 0 ? columns.length : made
    this.#runs = plain ? findRuns(columns.slice(0, this.#firstMade)) : undefined
    this.#recipe = writeRecipe({
      columns,
      keyColumn: mapping.key,
      runs: this.#runs ?? [],
      behindRuns: this.#runs ? this.#firstMade : 0,
      constants: this.#constants,
      nullMarker: this.#nullMarker,
      emptyAsNull: nulls.emptyAsNull,
    })
    const needed = keyMustNotBeEmpty && mapping.key !== undefined ? placeOfColumn(columns, mapping.key) : undefined
    this.#countSound = countPassingRows([], needed, this.computed !== undefined)
  }

  /** Awaited for each block before its rows are asked for the first time. */
  async prepare(block: RecordBlock): Promise<void> {
    await this.#gate?.prepare?.(block, this.computed)
  }

  /** Why a row is not sent, or undefined. Says the same each time it is asked for the same row. */
  hold(block: RecordBlock, record: number): HeldRow | undefined {
    const fault = block.fault[record]
    if (fault !== recordFault.none) return rejected(describeFault(block, record, this.#inputColumns))
    const unreadable = this.computed?.evaluate(block, record)
    if (unreadable !== undefined) return rejected(unreadable)
    if (this.#keyMustNotBeEmpty && this.#keyColumn !== undefined && this.#isEmptyKey(block, record, this.#keyColumn)) {
      return rejected(`LOCAL:${this.#keyName} is empty`)
    }
    return this.#gate?.hold(block, record, this.computed)
  }

  /** What must be asked before the last answer of `hold` counts. */
  get question(): RowGate['question'] {
    return this.#gate?.question
  }

  /** Columns of a row that `hold` let pass whose cells are sent empty, by their index among the sent ones. */
  readonly blanks = (block: RecordBlock, record: number): ReadonlySet<number> | undefined =>
    this.#gate?.blanks?.(block, record, this.computed)

  /** Writes the record of a row that `hold` let pass. */
  encode(block: RecordBlock, record: number, out: ByteWriter): void {
    const first = block.firstCell[record]!
    out.reserve(2 * (block.recordEnd[record]! - block.recordStart[record]!) + this.#columns.length * 8 + 64)
    const plain = (block.traits[record]! & (recordTrait.carriageReturn | recordTrait.looseQuote)) === 0
    this.computed?.evaluate(block, record)
    const blanks = this.blanks(block, record)
    if (this.#runs && plain && blanks === undefined) {
      this.#copyRuns(block, first, out, this.#runs)
      this.#copyCells(block, first, out, this.#firstMade, undefined)
    } else {
      this.#copyCells(block, first, out, 0, blanks)
    }
    out.byte(lineFeed)
  }

  /**
   * How many of the records from `first` on are sent for certain and can be copied as they stand, as far as they follow one
   * another and are not too many at a time: `hold` lets each of them pass. It is asked about the next one.
   */
  countPassing(table: RecordTable, first: number): number {
    if (table.count > table.states.length || first >= table.count) return 0
    const end = this.computed ? this.computed.makeMany(table, first) : table.count
    const sound = this.#countSound(table, first, Math.min(end, first + mostCounted))
    return this.#gate === undefined ? sound : (this.#gate.countPassing?.(table, first, first + sound) ?? 0)
  }

  /**
   * Writes records from `first` on, as many as pass for certain, need no look at their cells and fit, and returns their
   * number. The others are asked for one by one, by `hold` and `encode`; what this writes would come out the same there.
   */
  encodeMany(table: RecordTable, first: number, out: ByteWriter, room: BatchRoom): Batch {
    const { bytes, count } = this.#recipe
    if (bytes.length > table.settings.length) return emptyBatch
    const end = first + this.countPassing(table, first)
    bytes.copy(table.settings)
    const { kernel } = table
    const bytesLeft = Math.min(room.bytes, mostInt32)
    const rowsLeft = Math.min(room.rows, mostInt32)
    const rows = kernel.encodeRows(first, end, count, room.enough, bytesLeft, rowsLeft)
    const written = kernel.written.value
    out.reserve(written)
    out.copy(table.out, 0, written)
    return { rows, bytes: written, isFull: kernel.partIsFull.value !== 0 }
  }

  #copyRuns(block: RecordBlock, first: number, out: ByteWriter, runs: readonly Run[]): void {
    for (let i = 0; i < runs.length; i++) {
      const run = runs[i]!
      if (i > 0) out.byte(comma)
      out.copy(block.bytes, block.cellStart[first + run.first]!, block.cellEnd[first + run.last]!)
    }
  }

  #copyCells(
    block: RecordBlock,
    first: number,
    out: ByteWriter,
    from: number,
    blanks: ReadonlySet<number> | undefined,
  ): void {
    for (let i = from; i < this.#columns.length; i++) {
      if (i > 0) out.byte(comma)
      const constant = this.#constants[i]
      const { from } = this.#columns[i]!
      if (blanks?.has(i)) {
        this.#copyEmpty(out)
      } else if (constant) {
        out.reserve(constant.length + 64)
        out.copy(constant, 0, constant.length)
      } else if (typeof from === 'number') {
        this.#copyCell(block, first + from, i, out)
      } else {
        this.#copyComputed(i, out)
      }
    }
  }

  #copyCell({ bytes, cellStart, cellEnd }: RecordBlock, cell: number, column: number, out: ByteWriter): void {
    const start = cellStart[cell]!
    const end = cellEnd[cell]!
    const isQuoted = end - start >= 2 && bytes[start] === quote
    const inner = isQuoted ? start + 1 : start
    const innerEnd = isQuoted ? end - 1 : end
    if (column !== this.#keyColumn && this.#isNull(bytes, inner, innerEnd)) out.text(serviceNull)
    else if (inner === innerEnd) this.#copyEmpty(out)
    else if (isQuoted || needsQuotes(bytes, start, end)) copyQuoted(bytes, inner, innerEnd, isQuoted, out)
    else out.copy(bytes, start, end)
  }

  #copyComputed(column: number, out: ByteWriter): void {
    const { bytes, start, end } = this.computed!.value(column)
    out.reserve(2 * (end - start) + 64)
    if (start === end && this.#emptyAsNull && column !== this.#keyColumn) out.text(serviceNull)
    else if (start === end) this.#copyEmpty(out)
    else if (!out.copyPlain(bytes, start, end)) copyQuoted(bytes, start, end, false, out)
  }

  #isEmptyKey(block: RecordBlock, record: number, column: number): boolean {
    const { from } = this.#columns[column]!
    if (typeof from === 'number') return cellLength(block, block.firstCell[record]! + from) === 0
    const value = 'computed' in from ? this.computed?.value(column) : undefined
    return value !== undefined && value.start === value.end
  }

  #isNull(bytes: Buffer, start: number, end: number): boolean {
    if (start === end) return this.#emptyAsNull
    const marker = this.#nullMarker
    return (
      marker !== undefined && marker.length === end - start && bytes.compare(marker, 0, marker.length, start, end) === 0
    )
  }

  #copyEmpty(out: ByteWriter): void {
    if (this.#columns.length > 1) return
    out.byte(quote)
    out.byte(quote)
  }
}

function rejected(error: string): HeldRow {
  return { kind: 'rejected', error }
}

/** Longest runs of columns that follow one another in the input; undefined where there are none. */
function findRuns(columns: readonly SentColumn[]): readonly Run[] | undefined {
  const runs: { first: number; last: number }[] = []
  for (const { from } of columns) {
    if (typeof from !== 'number') return undefined
    const run = runs.at(-1)
    if (run && run.last + 1 === from) run.last = from
    else runs.push({ first: from, last: from })
  }
  return runs.length > 0 ? runs : undefined
}
