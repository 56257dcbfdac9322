import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedColumn } from '../mapping/compile.ts'
import type { LookupTable } from '../mapping/lookup-table.ts'
import type { Transform } from '../mapping/transforms/transform.ts'
import { serviceNull } from '../service-null.ts'
import { ByteWriter } from './byte-writer.ts'
import { CellCache } from './cell-cache.ts'

/** A sent column whose value is made of cells, prepared for row after row. */
export interface Computation {
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
export interface MadeValue {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

const sentNull = Buffer.from(serviceNull)
const quote = 0x22

/** Makes values one by one, in a memory of its own: what the kernel does for many rows at a time comes to the same. */
export class ValueMaker {
  readonly #out = new ByteWriter(1 << 16)
  /** By sent column: where its value begins and ends in `#out`. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #nullMarker: Buffer

  /** `columns`: number of the sent columns. */
  constructor(columns: number, nullMarker: Buffer) {
    this.#starts = new Int32Array(columns)
    this.#ends = new Int32Array(columns)
    this.#nullMarker = nullMarker
  }

  /** Forgets all values. */
  clear(): void {
    this.#out.length = 0
  }

  get bytes(): Buffer {
    return this.#out.bytes
  }

  /** Where the value of a sent column begins and ends in `bytes`. */
  start(column: number): number {
    return this.#starts[column]!
  }

  end(column: number): number {
    return this.#ends[column]!
  }

  /** Makes the value of a column of the row whose cells begin with `first`; gives why it cannot be sent (`LOCAL:…`), or undefined. */
  make(computation: Computation, block: RecordBlock, first: number): string | undefined {
    const { source, column, otherwise } = computation
    const from = this.#out.length
    this.#starts[column] = from
    this.#ends[column] = from
    const [index] = source.indexes
    const isSingle = source.indexes.length === 1
    if (isSingle && !computation.isKey && isSame(block, first + index!, this.#nullMarker)) {
      this.#put(column, sentNull)
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
export function findIn(
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
