import type { CsvSource, SourcePosition } from '../csv/records.ts'
import { ByteWriter } from './byte-writer.ts'
import { type CutHooks, Cutter, type PartRange, pieceBytes } from './cutter.ts'
import type { RowEncoder } from './encode-row.ts'
import type { Part } from './part.ts'
import type { PartBody, PartLimits } from './transport.ts'

/**
 * A part of up to this many bytes is held whole while it waits for its turn, so that several small ones are uploaded side by
 * side. A larger one is streamed while it is being read, and the next one begins when the last of it is on its way.
 */
const readAheadBytes = 1 << 20

/**
 * CUT: rows into parts of at most `limits.maxBytes` measured bytes and `limits.maxRows` rows, on record boundaries (a row
 * that is larger than a part travels alone). A part is handed out when its first row is known; its end is known when its body
 * has been read, and only then comes the next.
 */
export async function* cutParts(
  source: CsvSource,
  encoder: RowEncoder,
  limits: PartLimits,
  hooks: CutHooks,
): AsyncGenerator<OpenPart> {
  const cutter = new Cutter(source, encoder, limits, hooks)
  for (let number = hooks.start?.number ?? 1; await cutter.hasMore(); number++) {
    const part = new OpenPart(number, cutter, source, encoder)
    await part.readAhead(limits.smallBytes)
    yield part
    await part.cut
    if (part.isGivenUp) return
  }
}

/** A part whose end may not be known yet. Its bytes are made while its body is read. */
export class OpenPart {
  readonly number: number
  readonly body: PartBody
  /** Whether a row before it was rejected, so that it is not to be sent; only with `endsAtReject`. */
  readonly isBehindReject: boolean
  /** Fulfilled when the part's end is known, or the part is given up. */
  readonly cut: Promise<void>
  readonly #cutter: Cutter
  readonly #pieces: Buffer[] = []
  #whole: Buffer | undefined
  #range: PartRange
  #complete = false
  /** Why the source has no more of it. */
  #broken: Error | undefined
  #isGivenUp = false
  #digest = ''
  #onComplete = () => {}
  #live: 'unread' | 'reading' | 'over' = 'unread'
  #liveOver: Promise<void> = Promise.resolve()

  constructor(number: number, cutter: Cutter, source: CsvSource, encoder: RowEncoder) {
    this.number = number
    this.#cutter = cutter
    this.#range = cutter.begin()
    this.isBehindReject = cutter.hasReject
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
    const usable = places?.usable ? places : undefined
    if (usable === undefined) places?.close()
    const { number, isBehindReject } = this
    return { number, from, to, rows, sent, bytes, digest: this.#digest, isBehindReject, places: usable, keys }
  }

  /** Nobody will read the part to its end, since the load breaks off: no part follows, and nobody waits for one. */
  giveUp(): void {
    this.#isGivenUp = true
    this.#onComplete()
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** Where its first row begins. */
  get from(): SourcePosition {
    return this.#range.from
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
      while (this.#pieces.length > 0 || !this.#complete) {
        const piece = this.#pieces.shift() ?? (await this.#next())
        // A part is sent whole or not at all: what stands before the damage of an input may be damaged, too.
        if (this.#broken !== undefined) throw this.#broken
        if (piece === undefined) continue
        yield piece
        // Whoever reads a body asks for the next piece when the last one has left.
        this.#cutter.takeBack(piece)
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
        if (encoder.hold(block, record) !== undefined) continue
        encoder.encode(block, record, out)
        if (out.length >= pieceBytes) yield out.take()
      }
    }
    if (out.length > 0) yield out.take()
  }

  async #next(): Promise<Buffer | undefined> {
    const piece = await this.#cutter.nextPiece(this.#range)
    this.#broken = this.#cutter.broken
    if (piece === undefined) {
      this.#complete = true
      this.#digest = this.#range.digest?.end() ?? ''
      this.#onComplete()
    }
    return piece
  }
}
