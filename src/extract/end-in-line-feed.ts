const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Gives rows that end in CRLF the line ending that was asked for, LF, block by block. Line ends inside quotes belong to
 * their cells and stay.
 */
export class LineFeedEnder {
  #inside = false
  /** Whether a CR that may be half of a line ending waits for the next block. */
  #waits = false

  take(block: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(block.length + 1)
    let length = 0
    for (const byte of block) {
      if (this.#waits && byte !== lineFeed) out[length++] = carriageReturn
      this.#waits = byte === carriageReturn && !this.#inside
      if (this.#waits) continue
      if (byte === quote) this.#inside = !this.#inside
      out[length++] = byte
    }
    return out.subarray(0, length)
  }
}
