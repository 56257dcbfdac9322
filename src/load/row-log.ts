import type { ReadBytes } from '../csv/byte-readers.ts'
import { RecordTable } from '../csv/record-table.ts'
import { type RecordBlock, recordFault, type SourcePosition } from '../csv/records.ts'
import { RunError } from '../errors.ts'
import { type PageFile, pageBytes } from './page-file.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d
const defaultBlockBytes = 1 << 19

/**
 * Where the rows of a part begin and on which lines: 3 bytes a row, so that they can be copied later without being looked for
 * again: scanning the input a second time took as long as the first time. The latest are in memory, those before them in pages.
 */
export class RowPlaces {
  /** False when a row was too long to be noted, or had too many lines; then the part must be scanned again. */
  usable = true
  readonly #file: PageFile
  readonly #pages: number[] = []
  readonly #latest: Distances
  /** Rows whose distance to the next one is noted: all but the last. */
  #noted = -1
  #lastOffset = 0
  #lastLine = 0
  #isClosed = false

  constructor(file: PageFile) {
    this.#file = file
    this.#latest = new Distances(file.lend())
  }

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

  /** The places are not read any more. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#file.free(this.#pages)
    this.#file.takeBack(this.#latest.page)
  }

  #note(bytes: number, lines: number): void {
    if (bytes > 0xffff || lines > 0xff) this.usable = false
    const place = this.#noted % pageRows
    if (place === 0 && this.#noted > 0) this.#pages.push(this.#file.add(this.#latest.page))
    this.#latest.bytes[place] = bytes
    this.#latest.lines[place] = lines
    this.#noted++
  }

  /** Those of the page that the row is on. */
  #distancesOf(row: number, read: Distances): Distances {
    const page = this.#pages[Math.floor(row / pageRows)]
    if (page === undefined) return this.#latest
    if (read.shown !== page) this.#file.read(page, read.page)
    read.shown = page
    return read
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
    const distances = new Distances(this.#file.lend())
    let line = from.line
    let kept = 0
    try {
      for (let row = 0; row <= last; ) {
        const filled = await fill(read, table.bytes, kept)
        let start = 0
        table.count = 0
        while (row <= last) {
          const { bytes, lines } = row < last ? this.#distancesOf(row, distances) : distances
          const next = row < last ? start + bytes[row % pageRows]! : end.offset - table.offset
          if (next > filled) break
          addRecord(table, start, next, line)
          if (row < last) line += lines[row % pageRows]!
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
      this.#file.takeBack(distances.page)
    }
  }
}

/** Rows of a page. */
const pageRows = Math.floor(pageBytes / 3)

/** Bytes and lines from the beginning of each row of a page to that of the next row. */
class Distances {
  readonly page: Uint8Array<ArrayBuffer>
  readonly bytes: Uint16Array
  readonly lines: Uint8Array
  /** Number of the page, for those that were read. */
  shown: number | undefined

  constructor(page: Uint8Array<ArrayBuffer>) {
    this.page = page
    this.bytes = new Uint16Array(page.buffer, 0, pageRows)
    this.lines = new Uint8Array(page.buffer, pageRows * 2, pageRows)
  }
}

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
