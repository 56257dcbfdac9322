import { quoteCell, recordCells } from '../csv/cells.ts'
import type { RecordTable } from '../csv/record-table.ts'
import { type CsvSource, type RecordBlock, recordFault, recordTrait } from '../csv/records.ts'
import { isResultColumn } from '../mapping/compile.ts'
import type { Account } from './account.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { RowEncoder } from './encode-row.ts'
import { type Outcomes, outcome } from './outcomes.ts'
import type { Part } from './part.ts'
import type { ResultFile } from './result-file.ts'
import type { HeldRow } from './row-gate.ts'
import { WriteBehind } from './write-behind.ts'

/** What every sent row of a part gets that has no outcome of its own. */
export interface PartFate {
  /** For rows that the service left unprocessed. */
  readonly unprocessed: string
  /** For rows without an answer: `UNKNOWN:…`, or `LOCAL:…` where the part never left. */
  readonly unanswered: string
}

/** A block of rows with what is added to them. */
const bufferBytes = 5 << 17
/** Rejected rows are few: they wait for one another, since to hand over a write takes 0.2 ms. */
const errorBytes = 1 << 16
const bom = '\ufeff'

/**
 * FILES: writes each row of the input to the success or the errors file, in the order of the input, with all of its columns
 * and its own text. Rows that were neither quoted loosely nor faulty are copied as bytes, and where a part has no others
 * they are not even scanned again.
 */
export class ResultWriter {
  readonly #source: CsvSource
  readonly #encoder: RowEncoder
  readonly #account: Account
  readonly #success: WriteBehind
  readonly #errors: WriteBehind
  /** Columns that are carried on; undefined when all are. */
  readonly #kept: readonly number[] | undefined
  readonly #delimiter: string
  readonly #delimiterByte: number
  readonly #lineEnding: string
  /** What ends the line of an accepted row. */
  readonly #createdEnd: Buffer
  readonly #changedEnd: Buffer

  /** `hasHeaders`: the files are gone on with. */
  constructor(
    source: CsvSource,
    encoder: RowEncoder,
    account: Account,
    files: { readonly success: ResultFile; readonly errors: ResultFile },
    hasHeaders = false,
  ) {
    this.#source = source
    this.#encoder = encoder
    this.#account = account
    this.#success = new WriteBehind(files.success, bufferBytes, 0)
    this.#errors = new WriteBehind(files.errors, errorBytes, errorBytes / 2)
    const { delimiter, lineEnding, bom: hasBom } = source.dialect
    this.#delimiter = delimiter
    this.#delimiterByte = delimiter.charCodeAt(0)
    this.#lineEnding = lineEnding
    this.#createdEnd = Buffer.from(`${delimiter}true${lineEnding}`)
    this.#changedEnd = Buffer.from(`${delimiter}false${lineEnding}`)
    const kept = source.header.flatMap((name, index) => (isResultColumn(name) ? [] : [index]))
    this.#kept = kept.length === source.header.length ? undefined : kept
    if (hasHeaders) return
    const names = kept.map((index) => quoteCell(source.header[index]!, delimiter))
    const start = hasBom ? bom : ''
    this.#success.rows.text(`${start}${[...names, 'sf__Id', 'sf__Created'].join(delimiter)}${lineEnding}`)
    this.#errors.rows.text(`${start}${[...names, 'sf__Line', 'sf__Id', 'sf__Error'].join(delimiter)}${lineEnding}`)
  }

  /** Writes the rows of a part. Without outcomes every sent row is unanswered. */
  async writePart(part: Part, outcomes: Outcomes | undefined, fate: PartFate): Promise<void> {
    const places = this.#kept ? undefined : part.places
    const blocks = places
      ? places.blocks(this.#source.rereadBytes(part.from, part.to), part.from, part.to)
      : this.#source.reread(part.from, part.to)
    let row = 0
    for await (const block of blocks) {
      this.#account.rows.read += block.count
      for (let record = 0; record < block.count; ) {
        const end = places ? block.count : record + this.#encoder.countPassing(block, record)
        if (end > record) {
          this.#writePlain(block, record, end, outcomes, row, fate)
          row += end - record
          record = end
          continue
        }
        const held = this.#encoder.hold(block, record)
        if (held !== undefined) this.#writeHeld(block, record, held)
        else this.#writeSent(block, record, outcomes, row++, fate)
        record++
      }
      await this.#success.send()
      await this.#errors.send()
    }
    await this.#flush()
  }

  /** Writes rows that were sent and are copied as they stand: those that were accepted many at a time. */
  #writePlain(
    block: RecordTable,
    first: number,
    end: number,
    outcomes: Outcomes | undefined,
    row: number,
    fate: PartFate,
  ): void {
    const isBatch = outcomes !== undefined && this.#kept === undefined && end <= block.states.length
    if (isBatch) outcomes.copyTo(block, first, row, row + end - first)
    for (let record = first; record < end; ) {
      if (isBatch) record += this.#copyAccepted(block, record, end)
      if (record < end) this.#writeSent(block, record, outcomes, row + record - first, fate)
      record++
    }
  }

  /** Writes the accepted rows that follow one another from this one on; returns their number. */
  #copyAccepted(block: RecordTable, first: number, end: number): number {
    const created = this.#createdEnd
    const changed = this.#changedEnd
    created.copy(block.settings, 0)
    changed.copy(block.settings, 16)
    const { kernel } = block
    const out = this.#success.rows
    let record = first
    for (;;) {
      const rows = kernel.copyAccepted(record, end, this.#delimiterByte, created.length, changed.length)
      if (rows === 0) break
      const written = kernel.written.value
      out.reserve(written)
      out.copy(block.out, 0, written)
      record += rows
    }
    this.#account.rows.accepted += record - first
    return record - first
  }

  /**
   * Writes those rows of a part that are not sent, and no others. `judge` may hold back more of them: it gives an error, or
   * undefined, for the part's next row that would be sent.
   */
  async writeHeld(part: Part, judge: (block: RecordBlock, record: number) => string | undefined): Promise<void> {
    for await (const block of this.#source.reread(part.from, part.to)) {
      for (let record = 0; record < block.count; record++) {
        this.#account.rows.read++
        const held = this.#encoder.hold(block, record)
        const error = held ? undefined : judge(block, record)
        if (held !== undefined) this.#writeHeld(block, record, held)
        if (error !== undefined) this.#writeHeld(block, record, { kind: 'rejected', error })
      }
      await this.#flush()
    }
  }

  /** Rows in the success file and in the errors file. */
  get written(): { readonly accepted: number; readonly rejected: number } {
    const { accepted, skipped, rejected, unprocessed, unknown } = this.#account.rows
    return { accepted: accepted + skipped, rejected: rejected + unprocessed + unknown }
  }

  /** Writes what is left; to be called when all parts are. */
  async end(): Promise<void> {
    await this.#flush()
  }

  #writeHeld(block: RecordBlock, record: number, held: HeldRow): void {
    if (held.kind === 'rejected') {
      this.#writeReject(block, record, undefined, escapeQuotes(held.error), 'rejected')
      return
    }
    this.#account.rows.skipped++
    const out = this.#success.rows
    this.#copyRow(block, record, out)
    out.text(`${this.#delimiter}${held.id}${this.#delimiter}${this.#lineEnding}`)
  }

  #writeSent(block: RecordBlock, record: number, outcomes: Outcomes | undefined, row: number, fate: PartFate): void {
    const status = outcomes?.status(row) ?? outcome.unknown
    if (outcomes && (status === outcome.created || status === outcome.changed)) {
      this.#account.rows.accepted++
      const out = this.#success.rows
      this.#copyRow(block, record, out)
      out.reserve(64)
      out.byte(this.#delimiterByte)
      const id = outcomes.id(row)
      if (id) out.piece(id)
      out.piece(status === outcome.created ? this.#createdEnd : this.#changedEnd)
      return
    }
    const id = outcomes?.id(row)
    switch (status) {
      case outcome.rejected:
        this.#writeReject(block, record, id, outcomes?.text(row)?.toString('utf8') ?? '', 'rejected')
        return
      case outcome.unprocessed:
        this.#writeReject(block, record, id, escapeQuotes(fate.unprocessed), 'unprocessed')
        return
      case outcome.ambiguous:
        this.#writeReject(block, record, undefined, outcomes?.text(row)?.toString('utf8') ?? '', 'unknown')
        return
      default: {
        const kind = fate.unanswered.startsWith('LOCAL:') ? 'rejected' : 'unknown'
        this.#writeReject(block, record, id, escapeQuotes(fate.unanswered), kind)
      }
    }
  }

  /** `text`: with its quotes doubled. */
  #writeReject(
    block: RecordBlock,
    record: number,
    id: Buffer | undefined,
    text: string,
    kind: 'rejected' | 'unprocessed' | 'unknown',
  ): void {
    this.#account.rows[kind]++
    this.#account.addReason(text.replaceAll('""', '"'), block.line[record]!)
    const out = this.#errors.rows
    this.#copyRow(block, record, out)
    const { delimiter, line } = { delimiter: this.#delimiter, line: block.line[record]! }
    out.text(`${delimiter}${line}${delimiter}`)
    out.reserve(64)
    if (id) out.copy(id, 0, id.length)
    out.text(`${delimiter}"${text}"${this.#lineEnding}`)
  }

  #copyRow(block: RecordBlock, record: number, out: ByteWriter): void {
    if (!isSound(block, record)) out.text(this.#respellRow(block, record))
    else if (this.#kept) this.#copyCells(block, record, out, this.#kept)
    else {
      const start = block.recordStart[record]!
      const end = block.recordEnd[record]!
      out.reserve(end - start)
      out.copy(block.bytes, start, end)
    }
  }

  #copyCells(
    { bytes, firstCell, cellStart, cellEnd }: RecordBlock,
    record: number,
    out: ByteWriter,
    kept: readonly number[],
  ): void {
    const first = firstCell[record]!
    for (const [place, index] of kept.entries()) {
      const start = cellStart[first + index]!
      const end = cellEnd[first + index]!
      out.reserve(end - start + 1)
      if (place > 0) out.byte(this.#delimiterByte)
      out.copy(bytes, start, end)
    }
  }

  /** A row that is no good CSV as it stands: quoted anew, with as many cells as the header has. */
  #respellRow(block: RecordBlock, record: number): string {
    const cells = recordCells(block, record)
    const kept = this.#kept ?? this.#source.header.keys()
    return [...kept].map((index) => quoteCell(cells[index] ?? '', this.#delimiter)).join(this.#delimiter)
  }

  async #flush(): Promise<void> {
    await this.#success.flush()
    await this.#errors.flush()
  }
}

/** Whether a record is good CSV as it stands. */
function isSound(block: RecordBlock, record: number): boolean {
  return block.fault[record] === recordFault.none && (block.traits[record]! & recordTrait.looseQuote) === 0
}

function escapeQuotes(text: string): string {
  return text.replaceAll('"', '""')
}
