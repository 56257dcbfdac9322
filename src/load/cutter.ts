import type { RecordTable } from '../csv/record-table.ts'
import { type CsvSource, recordTrait, type SourcePosition } from '../csv/records.ts'
import type { RunError } from '../errors.ts'
import { brokenInput } from './broken-input.ts'
import { ByteWriter } from './byte-writer.ts'
import type { Digest } from './digest.ts'
import type { RowEncoder } from './encode-row.ts'
import { KeyLog } from './key-log.ts'
import type { PageFile } from './page-file.ts'
import type { NotedKeys } from './part.ts'
import type { RowKeys } from './row-keys.ts'
import { RowPlaces } from './row-log.ts'
import type { PartLimits } from './transport.ts'

/** Bytes of one piece of a body: 64 KiB pieces cost a third of the speed of a socket (measured, see docs/performance.md). */
export const pieceBytes = 1 << 20

/** A record ends before its line ending, of which CRLF is the longest. */
const longestLineEnd = 2

export interface CutHooks {
  /** Told with each block of the rows that were read so far, and of the offset in the decoded source up to which these may go. */
  readonly onRead: (rows: number, end: number) => void
  /** When it is aborted the source counts as ended, also while it is being waited for. */
  readonly until: AbortSignal | undefined
  /** Told when that has kept the rest of the source from being read. */
  readonly onLeft?: (() => void) | undefined
  /**
   * Told when the source turns out to be damaged behind rows that were read; it counts as ended then. Left out, the failure is
   * thrown, as is one before the first row.
   */
  readonly onBroken?: ((error: RunError) => void) | undefined
  /**
   * Given when rows are to be known by their keys, which are hashed while their cells are at hand: the keys of the rows of a part
   * that begins with this record.
   */
  readonly keysFrom: ((block: RecordTable, record: number) => RowKeys) | undefined
  /** Where places and hashes of a large part are kept. */
  readonly pages: PageFile
  /** Given when what is sent is recorded. */
  readonly digest?: (() => Digest) | undefined
  /** `--fail-fast`: a part ends at the first row of the source that is rejected before it is sent, and no part behind it is sent. */
  readonly endsAtReject?: boolean | undefined
  /** The first part and where it begins, for a run that is carried on. Default: the first row. */
  readonly start?: PartStart | undefined
}

/** Where a part begins. */
export interface PartStart {
  readonly number: number
  readonly from: SourcePosition
  /** Whether a part before it ended at a rejected row. */
  readonly isBehindReject?: boolean | undefined
}

/** What is counted of a part while it is being cut. */
export interface PartRange {
  readonly from: SourcePosition
  to: SourcePosition
  rows: number
  sent: number
  bytes: number
  /** It ends where it is, whatever room is left. */
  isOver: boolean
  /** Given up at the first row that cannot be copied as it stands. */
  places: RowPlaces | undefined
  readonly keys: NotedKeys | undefined
  readonly digest: Digest | undefined
}

/** Why no more rows of a block are encoded for now. */
type RowsEnd = 'none' | 'question' | 'full'

/** Walks through the source once and encodes piece after piece; whose part a piece belongs to is the caller's matter. */
export class Cutter {
  readonly #blocks: AsyncGenerator<RecordTable>
  readonly #encoder: RowEncoder
  readonly #limits: PartLimits
  readonly #hooks: CutHooks
  readonly #out = new ByteWriter(pieceBytes + (pieceBytes >> 2))
  #block: RecordTable | undefined
  #record = 0
  #read = 0
  #lastLine = 0
  #isAtEnd = false
  #hasReject: boolean
  #broken: RunError | undefined

  constructor(source: CsvSource, encoder: RowEncoder, limits: PartLimits, hooks: CutHooks) {
    this.#blocks = source.records(hooks.start?.from)
    this.#encoder = encoder
    this.#limits = limits
    this.#hooks = hooks
    this.#hasReject = hooks.start?.isBehindReject ?? false
  }

  /** Whether a part has ended at a rejected row; only with `endsAtReject`. */
  get hasReject(): boolean {
    return this.#hasReject
  }

  /** What is wrong with the source, when that is why no row is left. */
  get broken(): RunError | undefined {
    return this.#broken
  }

  /** Whether a row is left. */
  async hasMore(): Promise<boolean> {
    while (this.#block === undefined || this.#record >= this.#block.count) {
      const next = await orAborted(this.#nextBlock(), this.#hooks.until)
      if (next === 'aborted' || next.done) {
        if (next === 'aborted' && !this.#isAtEnd) this.#hooks.onLeft?.()
        this.#isAtEnd = true
        // Its memory may be somebody else's by now.
        this.#block = undefined
        return false
      }
      await this.#encoder.prepare(next.value)
      this.#block = next.value
      this.#record = 0
      this.#read += next.value.count
      this.#lastLine = next.value.line[next.value.count - 1]!
      this.#hooks.onRead(this.#read, this.#endOf(next.value, next.value.count - 1).offset + longestLineEnd)
    }
    return true
  }

  async #nextBlock(): Promise<IteratorResult<RecordTable>> {
    try {
      return await this.#blocks.next()
    } catch (error) {
      const { onBroken } = this.#hooks
      const broken = this.#read > 0 && onBroken !== undefined ? brokenInput(error, this.#lastLine) : undefined
      if (broken === undefined) throw error
      this.#broken = broken
      onBroken?.(broken)
      return { done: true, value: undefined }
    }
  }

  begin(): PartRange {
    const from = this.#position()
    const { pages, keysFrom } = this.#hooks
    const of = keysFrom?.(this.#block!, this.#record)
    const keys = of && { of, log: new KeyLog(pages) }
    const digest = this.#hooks.digest?.()
    return { from, to: from, rows: 0, sent: 0, bytes: 0, isOver: false, places: new RowPlaces(pages), keys, digest }
  }

  /** The part's next bytes; undefined when it is full or the source is at its end. */
  async nextPiece(range: PartRange): Promise<Buffer | undefined> {
    const piece = await this.#encodePiece(range)
    if (piece) range.digest?.update(piece)
    return piece
  }

  async #encodePiece(range: PartRange): Promise<Buffer | undefined> {
    if (range.bytes === 0) this.#writeHeader(range)
    while (!range.isOver && (await this.hasMore())) {
      const full = this.#encodeRows(range)
      if (full) break
      await this.#encoder.question?.()
      if (this.#out.length >= pieceBytes) return this.#out.take()
    }
    return this.#out.length > 0 ? this.#out.take() : undefined
  }

  /** The piece is not needed any more: its memory serves for another one. */
  takeBack(piece: Buffer): void {
    this.#out.reuse(piece)
  }

  /** Encodes rows of the current block until it ends, there is a question, a piece is full, or the part is: true then. */
  #encodeRows(range: PartRange): boolean {
    const block = this.#block!
    const begin = this.#record
    let end: RowsEnd = 'none'
    while (end === 'none' && this.#record < block.count && this.#out.length < pieceBytes) {
      end = this.#encodeMany(range, block)
      if (end === 'none' && this.#record < block.count && this.#out.length < pieceBytes) {
        end = this.#encodeOne(range, block)
      }
    }
    if (this.#record > begin) range.to = this.#endOf(block, this.#record - 1)
    return end === 'full'
  }

  /** As many rows as go at once; none may be among them. */
  #encodeMany(range: PartRange, block: RecordTable): RowsEnd {
    const first = this.#record
    const { maxBytes, maxRows } = this.#limits
    const { rows, bytes, isFull } = this.#encoder.encodeMany(block, first, this.#out, {
      enough: pieceBytes - this.#out.length,
      bytes: maxBytes - range.bytes,
      rows: maxRows - range.sent,
    })
    this.#note(range, block, first, rows)
    range.bytes += bytes
    range.sent += rows
    // The first row of a part travels whatever its size.
    return isFull && range.sent > 0 ? 'full' : 'none'
  }

  /** The next row, whatever it is like. */
  #encodeOne(range: PartRange, block: RecordTable): RowsEnd {
    const record = this.#record
    const held = this.#encoder.hold(block, record)
    if (held !== undefined) {
      if (this.#encoder.question !== undefined) return 'question'
      forgetPlaces(range)
      range.rows++
      this.#record++
      range.isOver = held.kind === 'rejected' && this.#hooks.endsAtReject === true && !this.#hasReject
      if (range.isOver) this.#hasReject = true
      return range.isOver ? 'full' : 'none'
    }
    const { maxBytes, maxRows } = this.#limits
    const before = this.#out.length
    this.#encoder.encode(block, record, this.#out)
    const size = this.#out.length - before
    if (range.sent > 0 && (range.bytes + size > maxBytes || range.sent >= maxRows)) {
      this.#out.length = before
      return 'full'
    }
    range.bytes += size
    range.sent++
    if ((block.traits[record]! & recordTrait.looseQuote) !== 0) forgetPlaces(range)
    this.#note(range, block, record, 1)
    return 'none'
  }

  /** Notes places and keys of rows that are sent, and passes them. */
  #note(range: PartRange, block: RecordTable, first: number, rows: number): void {
    if (rows === 0) return
    range.keys?.log.add(range.keys.of.keysOf(block, first, first + rows))
    range.places?.add(block, first, first + rows)
    range.rows += rows
    this.#record += rows
  }

  #writeHeader(range: PartRange): void {
    const { header } = this.#encoder
    this.#out.reserve(header.length)
    this.#out.copy(header, 0, header.length)
    range.bytes = header.length
  }

  #position(): SourcePosition {
    const block = this.#block!
    return { offset: block.offset + block.recordStart[this.#record]!, line: block.line[this.#record]! }
  }

  /** The end of a range: just behind a record's last byte. Its line is not needed to stop there. */
  #endOf(block: RecordTable, record: number): SourcePosition {
    return { offset: block.offset + block.recordEnd[record]!, line: block.line[record]! }
  }
}

function forgetPlaces(range: PartRange): void {
  range.places?.close()
  range.places = undefined
}

/** What a promise comes to, or `aborted` when the signal is first; the promise is left to itself then. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (!signal) return promise
  // What it fails with later is nobody's concern.
  promise.catch(() => {})
  if (signal.aborted) return 'aborted'
  let onAbort = () => {}
  const aborted = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted')
    signal.addEventListener('abort', onAbort, { once: true })
  })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}
