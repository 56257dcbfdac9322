import { type CsvSource, type RecordBlock, recordTrait, type SourcePosition } from '../csv/records.ts'
import { ByteWriter } from './byte-writer.ts'
import type { RowEncoder } from './encode-row.ts'
import type { Part } from './part.ts'
import type { RowKeys } from './row-keys.ts'
import { KeyLog, RowPlaces } from './row-log.ts'
import type { PartBody, PartLimits } from './transport.ts'

/** Bytes of one piece of a body: 64 KiB pieces cost a third of the speed of a socket (measured, see docs/performance.md). */
const pieceBytes = 1 << 20
/**
 * A part of up to this many bytes is held whole while it waits for its turn, so that several small ones are uploaded side by
 * side. A larger one is streamed while it is being read, and the next one begins when the last of it is on its way.
 */
const readAheadBytes = 8 << 20

/**
 * CUT: rows into parts of at most `limits.maxBytes` measured bytes and `limits.maxRows` rows, on record boundaries (a row
 * that is larger than a part travels alone). A part is handed out when its first row is known; its end is known when its body has been read, and only then comes the next.
 */
export async function* cutParts(
  source: CsvSource,
  encoder: RowEncoder,
  limits: PartLimits,
  hooks: CutHooks,
): AsyncGenerator<OpenPart> {
  const cutter = new Cutter(source, encoder, limits, hooks)
  for (let number = 1; await cutter.hasMore(); number++) {
    const part = new OpenPart(number, cutter, source, encoder)
    await part.readAhead(limits.smallBytes)
    yield part
    await part.cut
  }
}

export interface CutHooks {
  /** Told of each block of rows. */
  readonly onRead: (rows: number) => void
  /** When it is aborted the source counts as ended, also while it is being waited for. */
  readonly until: AbortSignal | undefined
  /** Given when a column identifies a row: its hash is then taken while its cells are at hand. */
  readonly keys: RowKeys | undefined
}

/** A part whose end may not be known yet. Its bytes are made while its body is read. */
export class OpenPart {
  readonly number: number
  readonly body: PartBody
  /** Fulfilled when the part's end is known. */
  readonly cut: Promise<void>
  readonly #cutter: Cutter
  readonly #pieces: Buffer[] = []
  #whole: Buffer | undefined
  #range: PartRange
  #complete = false
  #onComplete = () => {}
  #live: 'unread' | 'reading' | 'over' = 'unread'
  #liveOver: Promise<void> = Promise.resolve()

  constructor(number: number, cutter: Cutter, source: CsvSource, encoder: RowEncoder) {
    this.number = number
    this.#cutter = cutter
    this.#range = cutter.begin()
    this.cut = new Promise((resolve) => {
      this.#onComplete = resolve
    })
    const open = this
    this.body = {
      get whole() {
        return open.#whole
      },
      stream: () => (this.#live === 'unread' ? this.#readLive() : this.#readAgain(source, encoder)),
    }
  }

  /**
   * Tells what the part holds, reading on to its end where the body was not read so far. To be called when the part has
   * been sent, or will not be: only then does the next part begin.
   */
  async finishCut(): Promise<Part> {
    await this.#liveOver
    this.#live = 'over'
    this.#pieces.length = 0
    while (!this.#complete) await this.#next()
    const { from, to, rows, sent, bytes, places, keys } = this.#range
    return { number: this.number, from, to, rows, sent, bytes, places: places?.usable ? places : undefined, keys }
  }

  /** Whether it is known that none of the part's rows is sent. */
  get empty(): boolean {
    return this.#complete && this.#range.sent === 0
  }

  /** Fills the part's first pieces, so that a small one is known whole before it is sent. */
  async readAhead(smallBytes: number): Promise<void> {
    while (!this.#complete && this.#range.bytes < readAheadBytes) {
      const piece = await this.#next()
      if (piece) this.#pieces.push(piece)
    }
    if (this.#complete && this.#range.bytes <= smallBytes) this.#whole = Buffer.concat(this.#pieces)
  }

  async *#readLive(): AsyncGenerator<Uint8Array> {
    this.#live = 'reading'
    let over = () => {}
    this.#liveOver = new Promise((resolve) => {
      over = resolve
    })
    try {
      for (let piece = this.#pieces.shift(); piece; piece = this.#pieces.shift()) yield piece
      while (!this.#complete) {
        const piece = await this.#next()
        if (piece) yield piece
        // Whoever reads a body asks for the next piece when the last one has left.
        if (piece) this.#cutter.takeBack(piece)
      }
    } finally {
      over()
    }
  }

  /** The same bytes once more, from the source: a body is made the same way each time. */
  async *#readAgain(source: CsvSource, encoder: RowEncoder): AsyncGenerator<Uint8Array> {
    const { from, to } = await this.finishCut()
    const out = new ByteWriter(pieceBytes + (pieceBytes >> 2))
    out.reserve(encoder.header.length)
    out.copy(encoder.header, 0, encoder.header.length)
    for await (const block of source.reread(from, to)) {
      for (let record = 0; record < block.count; record++) {
        if (encoder.reject(block, record) !== undefined) continue
        encoder.encode(block, record, out)
        if (out.length >= pieceBytes) yield out.take()
      }
    }
    if (out.length > 0) yield out.take()
  }

  async #next(): Promise<Buffer | undefined> {
    const piece = await this.#cutter.nextPiece(this.#range)
    if (piece === undefined) {
      this.#complete = true
      this.#onComplete()
    }
    return piece
  }
}

/** What is counted of a part while it is being cut. */
interface PartRange {
  readonly from: SourcePosition
  to: SourcePosition
  rows: number
  sent: number
  bytes: number
  /** Given up at the first row that cannot be copied as it stands. */
  places: RowPlaces | undefined
  readonly keys: KeyLog | undefined
}

/** Walks through the source once and encodes piece after piece; whose part a piece belongs to is the caller's matter. */
class Cutter {
  readonly #blocks: AsyncGenerator<RecordBlock>
  readonly #encoder: RowEncoder
  readonly #limits: PartLimits
  readonly #hooks: CutHooks
  readonly #out = new ByteWriter(pieceBytes + (pieceBytes >> 2))
  #block: RecordBlock | undefined
  #record = 0

  constructor(source: CsvSource, encoder: RowEncoder, limits: PartLimits, hooks: CutHooks) {
    this.#blocks = source.records()
    this.#encoder = encoder
    this.#limits = limits
    this.#hooks = hooks
  }

  /** Whether a row is left. */
  async hasMore(): Promise<boolean> {
    while (this.#block === undefined || this.#record >= this.#block.count) {
      const next = await orAborted(this.#blocks.next(), this.#hooks.until)
      if (next === 'aborted' || next.done) return false
      this.#block = next.value
      this.#record = 0
      this.#hooks.onRead(next.value.count)
    }
    return true
  }

  begin(): PartRange {
    const from = this.#position()
    const keys = this.#hooks.keys === undefined ? undefined : new KeyLog()
    return { from, to: from, rows: 0, sent: 0, bytes: 0, places: new RowPlaces(), keys }
  }

  /** The part's next bytes; undefined when it is full or the source is at its end. */
  async nextPiece(range: PartRange): Promise<Buffer | undefined> {
    if (range.bytes === 0) this.#writeHeader(range)
    while (await this.hasMore()) {
      const full = this.#encodeRows(range)
      if (full) break
      if (this.#out.length >= pieceBytes) return this.#out.take()
    }
    return this.#out.length > 0 ? this.#out.take() : undefined
  }

  /** The piece is not needed any more: its memory serves for another one. */
  takeBack(piece: Buffer): void {
    this.#out.reuse(piece)
  }

  /** Encodes rows of the current block until it ends, a piece is full, or the part is: true then. */
  #encodeRows(range: PartRange): boolean {
    const block = this.#block!
    const { maxBytes, maxRows } = this.#limits
    const begin = this.#record
    let full = false
    while (this.#record < block.count && this.#out.length < pieceBytes) {
      if (this.#encoder.reject(block, this.#record) === undefined) {
        const before = this.#out.length
        this.#encoder.encode(block, this.#record, this.#out)
        const size = this.#out.length - before
        if (range.sent > 0 && (range.bytes + size > maxBytes || range.sent >= maxRows)) {
          this.#out.length = before
          full = true
          break
        }
        range.bytes += size
        range.sent++
        range.keys?.add(this.#hooks.keys!.key(block, this.#record))
        if ((block.traits[this.#record]! & recordTrait.looseQuote) !== 0) range.places = undefined
      } else {
        range.places = undefined
      }
      range.places?.add(block.offset + block.recordStart[this.#record]!, block.line[this.#record]!)
      range.rows++
      this.#record++
    }
    if (this.#record > begin) range.to = this.#endOf(block, this.#record - 1)
    return full
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
  #endOf(block: RecordBlock, record: number): SourcePosition {
    return { offset: block.offset + block.recordEnd[record]!, line: block.line[record]! }
  }
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T | 'aborted'> {
  if (!signal) return promise
  if (signal.aborted) return 'aborted'
  let onAbort = () => {}
  const aborted = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted')
    signal.addEventListener('abort', onAbort, { once: true })
  })
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort))
}
