const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a

/**
 * Quotes the empty rows of a result of one column, block by block, where the service puts no quotes: readers of CSV take an empty
 * line for none.
 */
export class EmptyRowQuoter {
  #inside = false
  #atStart = true

  /** Whether rows under this header line may be empty. */
  static isNeeded(header: Uint8Array): boolean {
    return header[0] !== quote && !header.includes(comma)
  }

  take(block: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(3 * block.length)
    let length = 0
    for (const byte of block) {
      if (byte === lineFeed && this.#atStart) {
        out[length++] = quote
        out[length++] = quote
      }
      if (byte === quote) this.#inside = !this.#inside
      this.#atStart = byte === lineFeed && !this.#inside
      out[length++] = byte
    }
    return out.subarray(0, length)
  }
}
