import { cellText } from '../csv/cells.ts'
import { RecordTable } from '../csv/record-table.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedColumn, SentColumn } from '../mapping/compile.ts'
import type { LookupTable } from '../mapping/lookup-table.ts'
import type { Transform } from '../mapping/transforms/transform.ts'
import { ByteWriter } from './byte-writer.ts'
import { CellCache } from './cell-cache.ts'
import { type Programs, writePrograms } from './write-programs.ts'

/** A sent column whose value is made of cells, prepared for row after row. */
interface Computation {
  /** Index among the sent columns. */
  readonly column: number
  readonly field: string
  /** Columns of the input, as the header has them, for messages. */
  readonly names: string
  readonly source: ComputedColumn
  readonly lookup: LookupTable | undefined
  readonly otherwise: Buffer
  readonly isKey: boolean
  readonly cache: CellCache | undefined
}

/** A text in memory: `bytes[start .. end)`. */
interface MadeValue {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

const serviceNull = Buffer.from('#N/A')
const quote = 0x22

/** As in assembly/memory.ts. */
const mostProgramBytes = 1 << 18

/** As in assembly/make.ts: states of a row whose values are made. */
const isMissing = 1
const isMarked = 2

/**
 * MAP, where a value is more than a cell as it stands: joins, transforms and looks up the values of rows. The kernel makes them
 * for many rows at a time, in the memory of their table; cells with a transform that it does not know, or of which it cannot
 * say what the transform makes of them, become strings, and what is made of those is kept by value (`CellCache`).
 *
 * A value is the same whichever way it is made.
 */
export class ComputedCells {
  readonly #computations: readonly Computation[]
  /** By sent column: its place among the computed ones. */
  readonly #places: Int32Array
  readonly #programs: Programs
  readonly #out = new ByteWriter(1 << 16)
  /** By sent column: where its value begins and ends in `#out`. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #nullMarker: Buffer
  readonly #value: { bytes: Buffer; start: number; end: number } = { bytes: this.#out.bytes, start: 0, end: 0 }
  #block: RecordBlock | undefined
  #position = -1
  #reject: string | undefined
  /** The table that holds the values of the row that was evaluated last, and where; undefined when they are in `#out`. */
  #table: RecordTable | undefined
  #first = 0

  /** `lookups`: the table of each column that has one, by its index. */
  constructor(
    columns: readonly SentColumn[],
    header: readonly string[],
    lookups: ReadonlyMap<number, LookupTable>,
    { nullValue, key }: { readonly nullValue: string; readonly key: number | undefined },
  ) {
    this.#starts = new Int32Array(columns.length)
    this.#ends = new Int32Array(columns.length)
    this.#nullMarker = Buffer.from(nullValue)
    this.#computations = columns.flatMap(({ from, target }, column): Computation[] => {
      if (typeof from !== 'object' || !('computed' in from)) return []
      return [
        {
          column,
          field: target.name,
          names: from.indexes.map((index) => header[index]).join(', '),
          source: from,
          lookup: lookups.get(column),
          otherwise: Buffer.from(from.computed.otherwise.replaceAll(/\r\n?/g, '\n')),
          isKey: column === key,
          cache: from.indexes.length > 1 ? undefined : new CellCache(),
        },
      ]
    })
    this.#places = Int32Array.from(columns, (_, column) =>
      this.#computations.findIndex((each) => each.column === column),
    )
    const programs = this.#computations.map(({ source: { computed, indexes }, isKey, lookup }) => {
      const takesNull = indexes.length === 1 && !isKey
      return { ...computed, indexes, takesNull, isLookedUp: lookup !== undefined }
    })
    this.#programs = writePrograms(programs, this.#nullMarker, mostProgramBytes)
  }

  /**
   * Makes the values of many rows, from this one on, where they are not made already; gives the row behind the last one that
   * has values, or has the state that says it cannot have them.
   */
  makeMany(table: RecordTable, first: number): number {
    const { kernel } = table
    if (!this.#covers(table, first)) this.#make(table, first)
    return kernel.madeFirst.value + kernel.madeCount.value
  }

  /** Makes the values of a row that is sound; gives why it cannot be sent (`LOCAL:…`), or undefined. */
  evaluate(block: RecordBlock, record: number): string | undefined {
    if (block instanceof RecordTable && block.count <= block.states.length) {
      this.makeMany(block, record)
      const row = record - block.kernel.madeFirst.value
      if (block.madeStates[row] !== isMissing) {
        this.#table = block
        this.#first = row * this.#computations.length
        return undefined
      }
    }
    this.#table = undefined
    return this.#evaluateAlone(block, record)
  }

  /** The value of a sent column in the row that was evaluated last: UTF-8, no quotes, line ends LF. */
  value(column: number): MadeValue {
    const value = this.#value
    if (this.#table === undefined) {
      value.bytes = this.#out.bytes
      value.start = this.#starts[column]!
      value.end = this.#ends[column]!
    } else {
      const place = this.#first + this.#places[column]!
      value.bytes = this.#table.made
      value.start = this.#table.madeStart[place]!
      value.end = this.#table.madeEnd[place]!
    }
    return value
  }

  /** The place of a sent column among those that are made. */
  placeOf(column: number): number {
    return this.#places[column]!
  }

  #covers({ maker, kernel }: RecordTable, record: number): boolean {
    const row = record - kernel.madeFirst.value
    return maker === this && row >= 0 && row < kernel.madeCount.value
  }

  #make(table: RecordTable, first: number): void {
    const { kernel } = table
    const { bytes, markerStart, markerEnd } = this.#programs
    if (table.maker !== this) bytes.copy(table.programs)
    table.maker = this
    kernel.makeValues(first, table.count, this.#computations.length, markerStart, markerEnd)
    let length = kernel.madeLength.value
    for (const [place, computation] of this.#computations.entries()) {
      if (computation.lookup) length = this.#lookUpMany(table, place, computation, length)
    }
    this.#finish(table, kernel.unknowns.value, length)
  }

  /** Looks up the values of a column that the kernel has made. */
  #lookUpMany(table: RecordTable, place: number, computation: Computation, begin: number): number {
    const { made, madeStart, madeEnd, madeStates, kernel } = table
    const columns = this.#computations.length
    const rows = kernel.madeCount.value
    let length = begin
    for (let row = 0; row < rows; row++) {
      const value = row * columns + place
      if (madeStates[row] === isMissing || madeStart[value]! < 0) continue
      const found = findIn(computation.lookup!, computation.source, made, madeStart[value]!, madeEnd[value]!)
      const sent = typeof found === 'object' && found.start < found.end ? found : wholeOf(computation.otherwise)
      const size = sent.end - sent.start
      if (typeof found === 'string' || length + size > made.length) {
        madeStates[row] = isMissing
        continue
      }
      madeStates[row] = isMarked
      sent.bytes.copy(made, length, sent.start, sent.end)
      madeStart[value] = length
      length += size
      madeEnd[value] = length
    }
    return length
  }

  /** Makes the values that the kernel could not; a row with one that cannot be made gets the state 1. */
  #finish(table: RecordTable, unknowns: number, begin: number): void {
    const { unknown, made, madeStart, madeEnd, madeStates, firstCell, kernel } = table
    const columns = this.#computations.length
    const first = kernel.madeFirst.value
    const out = this.#out
    let length = begin
    this.#block = undefined
    for (let index = 0; index < unknowns; index++) {
      const value = unknown[index]!
      const place = value % columns
      const row = (value - place) / columns
      if (madeStates[row] === isMissing) continue
      const computation = this.#computations[place]!
      out.length = 0
      const fault = this.#compute(computation, table, firstCell[first + row]!)
      const start = this.#starts[computation.column]!
      const end = this.#ends[computation.column]!
      if (fault !== undefined || length + end - start > made.length) {
        madeStates[row] = isMissing
        continue
      }
      copyShort(out.bytes, start, end, made, length)
      madeStart[value] = length
      length += end - start
      madeEnd[value] = length
    }
  }

  /** Makes the values of one row by itself; they are kept until another one is asked for. */
  #evaluateAlone(block: RecordBlock, record: number): string | undefined {
    const position = block.offset + block.recordStart[record]!
    if (this.#block === block && this.#position === position) return this.#reject
    this.#block = block
    this.#position = position
    this.#reject = undefined
    this.#out.length = 0
    for (const computation of this.#computations) {
      this.#reject = this.#compute(computation, block, block.firstCell[record]!)
      if (this.#reject !== undefined) break
    }
    return this.#reject
  }

  #compute(computation: Computation, block: RecordBlock, first: number): string | undefined {
    const { source, column, otherwise } = computation
    const from = this.#out.length
    this.#starts[column] = from
    this.#ends[column] = from
    const [index] = source.indexes
    const isSingle = source.indexes.length === 1
    if (isSingle && !computation.isKey && isSame(block, first + index!, this.#nullMarker)) {
      this.#put(column, serviceNull)
      return undefined
    }
    const fault = isSingle
      ? this.#transformCell(computation, block, first + index!)
      : this.#transformText(computation, joinCells(source, block, first, this.#nullMarker))
    if (fault !== undefined) return fault
    const missed = computation.lookup && this.#lookUp(computation, computation.lookup)
    if (missed !== undefined) return missed
    if (this.#starts[column] === this.#ends[column] && otherwise.length > 0) this.#put(column, otherwise)
    return undefined
  }

  #transformCell(computation: Computation, block: RecordBlock, k: number): string | undefined {
    const { column, cache } = computation
    const out = this.#out
    const start = block.cellStart[k]!
    const end = block.cellEnd[k]!
    if (cache) {
      out.reserve(CellCache.width)
      const kept = cache.copyTo(block.bytes, start, end, out.bytes, out.length)
      if (kept >= 0) {
        out.length += kept
        this.#ends[column] = out.length
        return undefined
      }
    }
    const fault = this.#transformText(computation, cellText(block, k).replaceAll(/\r\n?/g, '\n'))
    if (fault === undefined && cache) {
      cache.keep(block.bytes, start, end, out.bytes, this.#starts[column]!, this.#ends[column]!)
    }
    return fault
  }

  #transformText({ source, column, field, names }: Computation, text: string): string | undefined {
    const value = applyAll(source.computed.transforms, text)
    if (typeof value !== 'string') return `LOCAL:${field}: "${clip(text)}" (column ${names}) ${value.unreadable}`
    const from = this.#out.length
    this.#out.text(value)
    this.#starts[column] = from
    this.#ends[column] = this.#out.length
    return undefined
  }

  /** Puts what the table has for the value in its place. */
  #lookUp({ source, column, field, names }: Computation, table: LookupTable): string | undefined {
    const start = this.#starts[column]!
    const end = this.#ends[column]!
    if (start === end) return undefined
    const { bytes } = this.#out
    const found = findIn(table, source, bytes, start, end)
    if (typeof found === 'object') {
      this.#out.reserve(found.end - found.start)
      const from = this.#out.length
      this.#out.copy(found.bytes, found.start, found.end)
      this.#starts[column] = from
      this.#ends[column] = this.#out.length
      return undefined
    }
    this.#ends[column] = start
    if (found === undefined) return undefined
    const { match, take } = source.computed.lookup!
    const key = `LOCAL:${field}: "${clip(bytes.toString('utf8', start, end))}" (column ${names})`
    if (found === 'missing') return `${key} is no ${match} of ${table.name}`
    return `${key} is the ${match} of several rows of ${table.name}, which differ in ${take}`
  }

  #put(column: number, text: Buffer): void {
    this.#out.reserve(text.length)
    this.#starts[column] = this.#out.length
    this.#out.piece(text)
    this.#ends[column] = this.#out.length
  }
}

/** What a table has for a value; undefined for nothing, `missing` or `ambiguous` where that is a reject. */
function findIn(
  table: LookupTable,
  { computed }: ComputedColumn,
  bytes: Buffer,
  start: number,
  end: number,
): MadeValue | 'missing' | 'ambiguous' | undefined {
  if (start === end) return undefined
  const { missing, ambiguous } = computed.lookup!
  const entry = table.find(bytes, start, end)
  if (entry < 0) return missing === 'empty' ? undefined : 'missing'
  if (ambiguous === 'first' || !table.isAmbiguous(entry)) return table.value(entry)
  return ambiguous === 'empty' ? undefined : 'ambiguous'
}

function wholeOf(bytes: Buffer): MadeValue {
  return { bytes, start: 0, end: bytes.length }
}

/** Most values are so short that a loop is faster than a call. */
function copyShort(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > 32) from.copy(to, at, start, end)
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!
}

function applyAll(transforms: readonly Transform[], text: string): ReturnType<Transform['apply']> {
  let value = text
  for (const transform of transforms) {
    if (value === '' && transform.takesEmpty !== true) continue
    const next = transform.apply(value)
    if (typeof next !== 'string') return next
    value = next
  }
  return value
}

function joinCells(
  { computed, indexes }: ComputedColumn,
  block: RecordBlock,
  first: number,
  nullMarker: Buffer,
): string {
  const cells = indexes
    .filter((index) => !isSame(block, first + index, nullMarker))
    .map((index) => cellText(block, first + index))
  return cells
    .filter((cell) => cell !== '')
    .join(computed.separator)
    .replaceAll(/\r\n?/g, '\n')
}

/** Whether a cell holds this text and nothing else; an empty one is never a marker. */
function isSame({ bytes, cellStart, cellEnd }: RecordBlock, k: number, text: Buffer): boolean {
  let start = cellStart[k]!
  let end = cellEnd[k]!
  if (end - start >= 2 && bytes[start] === quote) {
    start++
    end--
  }
  if (text.length === 0 || end - start !== text.length) return false
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false
  return true
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
