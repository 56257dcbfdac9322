import type { ReadBytes } from '../csv/byte-readers.ts'
import { RecordTable } from '../csv/record-table.ts'
import { type RecordBlock, recordFault, type SourcePosition } from '../csv/records.ts'
import { RunError } from '../errors.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const defaultBlockBytes = 1 << 20

/**
 * Where the rows of a part begin and on which lines: 3 bytes a row, so that they can be copied later without being looked for
 * again: scanning the input a second time took as long as the first time.
 */
export class RowPlaces {
  /** False when a row was too long to be noted, or had too many lines; then the part must be scanned again. */
  usable = true
  /** Bytes and lines from the beginning of each row to that of the next one. */
  readonly #bytes = new NumberList(Uint16Array)
  readonly #lines = new NumberList(Uint8Array)
  #isEmpty = true
  #lastOffset = 0
  #lastLine = 0

  /** Adds rows of a block; rows are added in order. */
  add(
    { offset, recordStart, line }: Pick<RecordBlock, 'offset' | 'recordStart' | 'line'>,
    first: number,
    end: number,
  ): void {
    for (let record = first; record < end; record++) this.#addOne(offset + recordStart[record]!, line[record]!)
  }

  #addOne(offset: number, line: number): void {
    const bytes = offset - this.#lastOffset
    const lines = line - this.#lastLine
    if (this.#isEmpty) this.#isEmpty = false
    else {
      if (bytes > 0xffff || lines > 0xff) this.usable = false
      this.#bytes.push(bytes)
      this.#lines.push(lines)
    }
    this.#lastOffset = offset
    this.#lastLine = line
  }

  /**
   * The rows as blocks without cells. `read`: the bytes from the first row to `end`, the place behind the last one.
   * Throws `RunError` when they end too early.
   */
  async *blocks(
    read: ReadBytes,
    from: SourcePosition,
    end: SourcePosition,
    blockBytes = defaultBlockBytes,
  ): AsyncGenerator<RecordTable> {
    const table = RecordTable.lend(blockBytes, from.offset)
    const last = this.#bytes.length
    let line = from.line
    let kept = 0
    try {
      for (let row = 0; row <= last; ) {
        const filled = await fill(read, table.bytes, kept)
        let start = 0
        table.count = 0
        while (row <= last) {
          const next = row < last ? start + this.#bytes.get(row) : end.offset - table.offset
          if (next > filled) break
          addRecord(table, start, next, line)
          if (row < last) line += this.#lines.get(row)
          start = next
          row++
        }
        if (table.count > 0) yield table
        if (row <= last && filled < table.bytes.length) throw cutShort()
        kept = filled - start
        table.carryOver(start, filled, table.count > 0 ? table.bytes.length : table.bytes.length * 2)
      }
    } finally {
      table.giveBack()
    }
  }
}

/** Hashes of the keys of the rows that were sent: 8 bytes a row. */
export class KeyLog {
  readonly #chunks: Uint32Array[] = []
  #length = 0

  /** `keys`: the low and the high half of each hash. */
  add(keys: Uint32Array): void {
    for (let taken = 0; taken < keys.length; ) {
      const place = this.#length % keyChunk
      if (place === 0) this.#chunks.push(new Uint32Array(keyChunk))
      const some = keys.subarray(taken, taken + keyChunk - place)
      this.#chunks.at(-1)!.set(some, place)
      this.#length += some.length
      taken += some.length
    }
  }

  /** Copies all of them; `target` has room for just so many. */
  copyTo(target: Uint32Array): void {
    for (const [index, chunk] of this.#chunks.entries()) {
      const from = index * keyChunk
      target.set(chunk.subarray(0, this.#length - from), from)
    }
  }
}

const keyChunk = 1 << 15

/** A list of small numbers that grows without being copied. */
class NumberList {
  length = 0
  readonly #chunks: (Uint8Array | Uint16Array | Uint32Array)[] = []
  readonly #type: typeof Uint8Array | typeof Uint16Array | typeof Uint32Array

  constructor(type: typeof Uint8Array | typeof Uint16Array | typeof Uint32Array) {
    this.#type = type
  }

  push(value: number): void {
    const place = this.length & chunkMask
    if (place === 0) this.#chunks.push(new this.#type(chunkMask + 1))
    this.#chunks[this.length >>> chunkBits]![place] = value
    this.length++
  }

  get(index: number): number {
    return this.#chunks[index >>> chunkBits]![index & chunkMask]!
  }
}

const chunkBits = 14
const chunkMask = (1 << chunkBits) - 1

/** Adds a row that ends before `next`; line ends and empty lines behind it are not part of it. */
function addRecord(table: RecordTable, start: number, next: number, line: number): void {
  let end = next
  while (end > start && isLineEnd(table.bytes[end - 1]!)) end--
  const record = table.count
  table.recordStart[record] = start
  table.recordEnd[record] = end
  table.line[record] = line
  table.fault[record] = recordFault.none
  table.traits[record] = 0
  table.count++
}

function isLineEnd(byte: number): boolean {
  return byte === lineFeed || byte === carriageReturn
}

async function fill(read: ReadBytes, bytes: Buffer, kept: number): Promise<number> {
  let end = kept
  while (end < bytes.length) {
    const count = await read(bytes, end)
    if (count === 0) break
    end += count
  }
  return end
}

function cutShort(): RunError {
  return new RunError('the input became shorter while it was being loaded', { code: 'SOURCE_CHANGED' })
}
