import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedColumn, SentColumn } from '../mapping/compile.ts'
import type { LookupTable } from '../mapping/lookup-table.ts'
import { type CellBytes, roomBehind, type Transform } from '../mapping/transforms/transform.ts'
import { ByteWriter } from './byte-writer.ts'
import { CellCache } from './cell-cache.ts'

/** A sent column whose value is made of cells, prepared for row after row. */
interface Computation {
  /** Index among the sent columns. */
  readonly column: number
  readonly field: string
  /** Columns of the input, as the header has them, for messages. */
  readonly names: string
  readonly source: ComputedColumn
  /** Whether every step can be done on bytes. */
  readonly inBytes: boolean
  readonly lookup: LookupTable | undefined
  readonly otherwise: Buffer
  readonly isKey: boolean
  readonly cache: CellCache | undefined
  /** Bytes that its steps may write behind a cell. */
  readonly room: number
}

const serviceNull = Buffer.from('#N/A')
const quote = 0x22
const carriageReturn = 0x0d

/**
 * MAP, where a value is more than a cell as it stands: joins, transforms and looks up the values of one row. They are kept until
 * the next row, since the row is first judged, then sent, then hashed.
 *
 * A cell whose steps can all be done in place never becomes a string; what needs one is kept by value (`CellCache`).
 */
export class ComputedCells {
  readonly #computations: readonly Computation[]
  readonly #out = new ByteWriter(1 << 16)
  /** By sent column: where its value begins and ends in `#out`. */
  readonly #starts: Int32Array
  readonly #ends: Int32Array
  readonly #nullMarker: Buffer
  readonly #cell: { bytes: Buffer; start: number; end: number } = { bytes: this.#out.bytes, start: 0, end: 0 }
  #block: RecordBlock | undefined
  #position = -1
  #reject: string | undefined

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
      const { transforms, otherwise } = from.computed
      const inBytes = from.indexes.length === 1 && transforms.every(({ applyToBytes }) => applyToBytes !== undefined)
      return [
        {
          column,
          field: target.name,
          names: from.indexes.map((index) => header[index]).join(', '),
          source: from,
          inBytes,
          lookup: lookups.get(column),
          otherwise: Buffer.from(otherwise.replaceAll(/\r\n?/g, '\n')),
          isKey: column === key,
          cache: from.indexes.length > 1 ? undefined : new CellCache(),
          room: roomBehind * (transforms.length + 1),
        },
      ]
    })
  }

  /** Makes the values of a row that is sound; gives why it cannot be sent (`LOCAL:…`), or undefined. */
  evaluate(block: RecordBlock, record: number): string | undefined {
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

  /** The value of a sent column in the row that was evaluated last: UTF-8, no quotes, line ends LF. */
  value(column: number): CellBytes {
    const cell = this.#cell
    cell.bytes = this.#out.bytes
    cell.start = this.#starts[column]!
    cell.end = this.#ends[column]!
    return cell
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
    out.reserve(end - start + computation.room)
    if (computation.inBytes && this.#transformBytes(computation, block.bytes, start, end)) return undefined
    if (cache) {
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

  /** False where the cell needs the way by text: it has quotes or a CR inside, or a step does not know it. */
  #transformBytes({ source, column }: Computation, bytes: Buffer, start: number, end: number): boolean {
    const out = this.#out
    const isQuoted = end - start >= 2 && bytes[start] === quote
    const last = isQuoted ? end - 1 : end
    const target = out.bytes
    let at = out.length
    for (let i = isQuoted ? start + 1 : start; i < last; i++) {
      const byte = bytes[i]!
      if (byte <= quote && (byte === quote || byte === carriageReturn)) return false
      target[at++] = byte
    }
    const cell = this.#cell
    cell.bytes = target
    cell.start = out.length
    cell.end = at
    const steps = source.computed.transforms
    for (let i = 0; i < steps.length && cell.start < cell.end; i++) if (!steps[i]!.applyToBytes!(cell)) return false
    this.#starts[column] = cell.start
    this.#ends[column] = cell.end
    out.length = cell.end
    return true
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
    const entry = table.find(bytes, start, end)
    const { missing, ambiguous, match, take } = source.computed.lookup!
    const isUsable = entry >= 0 && (ambiguous === 'first' || !table.isAmbiguous(entry))
    if (isUsable) {
      const value = table.value(entry)
      this.#out.reserve(value.end - value.start)
      const from = this.#out.length
      this.#out.copy(value.bytes, value.start, value.end)
      this.#starts[column] = from
      this.#ends[column] = this.#out.length
      return undefined
    }
    this.#ends[column] = start
    if ((entry < 0 ? missing : ambiguous) === 'empty') return undefined
    const key = `LOCAL:${field}: "${clip(bytes.toString('utf8', start, end))}" (column ${names})`
    if (entry < 0) return `${key} is no ${match} of ${table.name}`
    return `${key} is the ${match} of several rows of ${table.name}, which differ in ${take}`
  }

  #put(column: number, text: Buffer): void {
    this.#out.reserve(text.length)
    this.#starts[column] = this.#out.length
    this.#out.piece(text)
    this.#ends[column] = this.#out.length
  }
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
