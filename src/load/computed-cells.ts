import { RecordTable } from '../csv/record-table.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { SentColumn } from '../mapping/compile.ts'
import type { LookupTable } from '../mapping/lookup-table.ts'
import { CellCache } from './cell-cache.ts'
import { type Computation, findIn, type MadeValue, ValueMaker } from './value-maker.ts'
import { type Programs, writePrograms } from './write-programs.ts'

/** As in assembly/memory.ts. */
const mostProgramBytes = 1 << 18

/** As in assembly/make.ts: states of a row whose values are made. */
const isMissing = 1

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
  /** Makes what the kernel does not. */
  readonly #maker: ValueMaker
  readonly #value: { bytes: Buffer; start: number; end: number } = { bytes: Buffer.alloc(0), start: 0, end: 0 }
  #block: RecordBlock | undefined
  #position = -1
  #reject: string | undefined
  /** The table that holds the values of the row that was evaluated last, and where; undefined when they are in `#maker`. */
  #table: RecordTable | undefined
  #row = 0

  /** `lookups`: the table of each column that has one, by its index. */
  constructor(
    columns: readonly SentColumn[],
    header: readonly string[],
    lookups: ReadonlyMap<number, LookupTable>,
    { nullValue, key }: { readonly nullValue: string; readonly key: number | undefined },
  ) {
    const nullMarker = Buffer.from(nullValue)
    this.#maker = new ValueMaker(columns.length, nullMarker)
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
    this.#programs = writePrograms(programs, nullMarker, mostProgramBytes)
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
        this.#row = row
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
      value.bytes = this.#maker.bytes
      value.start = this.#maker.start(column)
      value.end = this.#maker.end(column)
    } else {
      const place = this.#places[column]! * this.#table.kernel.madeStride.value + this.#row
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
    let free = kernel.madeFree.value
    for (const [place, computation] of this.#computations.entries()) {
      if (computation.lookup) free = this.#lookUpMany(table, place, computation, free)
    }
    this.#finish(table, kernel.unknowns.value, free)
  }

  /** Looks up the values of a column that the kernel has made. */
  #lookUpMany(table: RecordTable, place: number, computation: Computation, begin: number): number {
    const { made, madeStart, madeEnd, madeStates, kernel } = table
    const limit = roomEnd(table)
    const rows = kernel.madeCount.value
    let free = begin
    for (let row = 0; row < rows; row++) {
      const value = place * kernel.madeStride.value + row
      if (madeStates[row] === isMissing || madeStart[value]! < 0) continue
      const found = findIn(computation.lookup!, computation.source, made, madeStart[value]!, madeEnd[value]!)
      const sent = typeof found === 'object' && found.start < found.end ? found : wholeOf(computation.otherwise)
      const size = sent.end - sent.start
      if (typeof found === 'string' || free + size > limit) {
        madeStates[row] = isMissing
        continue
      }
      sent.bytes.copy(made, free, sent.start, sent.end)
      madeStart[value] = free
      free += size
      madeEnd[value] = free
    }
    return free
  }

  /** Makes the values that the kernel could not; a row with one that cannot be made gets the state 1. */
  #finish(table: RecordTable, unknowns: number, begin: number): void {
    const { unknown, made, madeStart, madeEnd, madeStates, firstCell, kernel } = table
    const stride = kernel.madeStride.value
    const first = kernel.madeFirst.value
    const limit = roomEnd(table)
    const maker = this.#maker
    let free = begin
    this.#block = undefined
    for (let index = 0; index < unknowns; index++) {
      const value = unknown[index]!
      const row = value % stride
      const place = (value - row) / stride
      if (madeStates[row] === isMissing) continue
      const computation = this.#computations[place]!
      maker.clear()
      const fault = maker.make(computation, table, firstCell[first + row]!)
      const start = maker.start(computation.column)
      const end = maker.end(computation.column)
      if (fault !== undefined || free + end - start > limit) {
        madeStates[row] = isMissing
        continue
      }
      copyShort(maker.bytes, start, end, made, free)
      madeStart[value] = free
      free += end - start
      madeEnd[value] = free
    }
  }

  /** Makes the values of one row by itself; they are kept until another one is asked for. */
  #evaluateAlone(block: RecordBlock, record: number): string | undefined {
    const position = block.offset + block.recordStart[record]!
    if (this.#block === block && this.#position === position) return this.#reject
    this.#block = block
    this.#position = position
    this.#reject = undefined
    this.#maker.clear()
    for (const computation of this.#computations) {
      this.#reject = this.#maker.make(computation, block, block.firstCell[record]!)
      if (this.#reject !== undefined) break
    }
    return this.#reject
  }
}

/** Where the room for values ends. */
function roomEnd({ kernel }: RecordTable): number {
  return kernel.made.value + kernel.madeBytes.value
}

function wholeOf(bytes: Buffer): MadeValue {
  return { bytes, start: 0, end: bytes.length }
}

/** Most values are so short that a loop is faster than a call. */
function copyShort(from: Buffer, start: number, end: number, to: Buffer, at: number): void {
  if (end - start > 32) from.copy(to, at, start, end)
  else for (let i = start; i < end; i++) to[at + i - start] = from[i]!
}
