const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/** Takes the header line off a CSV that comes in blocks; what follows it is given on as it stands. */
export class HeaderSplitter {
  /** Copies: the memory of a block is given back when its rows are written. */
  readonly #pieces: Buffer[] = []
  #inside = false
  #complete = false

  /** The part of a block that belongs to the rows. */
  rest(block: Uint8Array): Uint8Array {
    if (this.#complete) return block
    for (let index = 0; index < block.length; index++) {
      if (block[index] === quote) this.#inside = !this.#inside
      else if (block[index] === lineFeed && !this.#inside) {
        this.#complete = true
        this.#keep(block.subarray(0, index))
        return block.subarray(index + 1)
      }
    }
    this.#keep(block)
    return block.subarray(block.length)
  }

  /** Whether the header line has ended. */
  get complete(): boolean {
    return this.#complete
  }

  /** The header line without its line ending; of a text without any line ending, all of it. */
  get header(): Buffer {
    const line = Buffer.concat(this.#pieces)
    return this.endsInCrlf ? line.subarray(0, -1) : line
  }

  /** Whether CRLF ends the header line, and so the rows. */
  get endsInCrlf(): boolean {
    return this.#pieces.at(-1)?.at(-1) === carriageReturn
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#pieces.push(Buffer.from(bytes))
  }
}
