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
  /** Bytes and lines from the beginning of each row to that of the next one, `chunkRows` in each array. */
  readonly #bytes: Uint16Array[] = []
  readonly #lines: Uint8Array[] = []
  /** Rows whose distance to the next one is noted: all but the last. */
  #noted = -1
  #lastOffset = 0
  #lastLine = 0

  /** Adds rows of a block; rows are added in order. */
  add(
    { offset, recordStart, line }: Pick<RecordBlock, 'offset' | 'recordStart' | 'line'>,
    first: number,
    end: number,
  ): void {
    for (let record = first; record < end; record++) {
      const start = offset + recordStart[record]!
      const startLine = line[record]!
      if (this.#noted >= 0) this.#note(start - this.#lastOffset, startLine - this.#lastLine)
      else this.#noted = 0
      this.#lastOffset = start
      this.#lastLine = startLine
    }
  }

  #note(bytes: number, lines: number): void {
    if (bytes > 0xffff || lines > 0xff) this.usable = false
    const place = this.#noted % chunkRows
    if (place === 0) {
      this.#bytes.push(new Uint16Array(chunkRows))
      this.#lines.push(new Uint8Array(chunkRows))
    }
    const chunk = this.#bytes.length - 1
    this.#bytes[chunk]![place] = bytes
    this.#lines[chunk]![place] = lines
    this.#noted++
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
    const last = this.#noted
    let line = from.line
    let kept = 0
    try {
      for (let row = 0; row <= last; ) {
        const filled = await fill(read, table.bytes, kept)
        let start = 0
        table.count = 0
        while (row <= last) {
          const next =
            row < last ? start + this.#bytes[Math.floor(row / chunkRows)]![row % chunkRows]! : end.offset - table.offset
          if (next > filled) break
          addRecord(table, start, next, line)
          if (row < last) line += this.#lines[Math.floor(row / chunkRows)]![row % chunkRows]!
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

const chunkRows = 1 << 14

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
