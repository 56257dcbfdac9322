const slots = 1024
/** Most bytes of a cell, and of what is made of it, that are kept. */
const width = 64

/**
 * What was made of the cells seen last, by their bytes. Columns whose values need a library to be read (dates with names of months,
 * words, lists of values) hold few different ones, as a rule: a cell that was seen before costs some 40 ns then instead of
 * microseconds. Two values that meet in a slot drive each other out, so that memory is bounded.
 */
export class CellCache {
  /** Most bytes that `copyTo` writes. */
  static readonly width = width
  readonly #cells = Buffer.alloc(slots * width)
  readonly #values = Buffer.alloc(slots * width)
  /** By slot: length of the cell and of the value, each plus 1; 0 for a free slot. */
  readonly #cellLengths = new Uint8Array(slots)
  readonly #valueLengths = new Uint8Array(slots)

  /** Copies the value that was made of this cell to `target` at `at` and gives its length; -1 when it is not kept. */
  copyTo(bytes: Buffer, start: number, end: number, target: Buffer, at: number): number {
    const length = end - start
    if (length > width) return -1
    const slot = slotOf(bytes, start, end)
    if (this.#cellLengths[slot] !== length + 1) return -1
    const cells = this.#cells
    const base = slot * width
    for (let i = 0; i < length; i++) if (cells[base + i] !== bytes[start + i]) return -1
    const values = this.#values
    const size = this.#valueLengths[slot]! - 1
    for (let i = 0; i < size; i++) target[at + i] = values[base + i]!
    return size
  }

  keep(bytes: Buffer, start: number, end: number, value: Buffer, from: number, to: number): void {
    if (end - start > width || to - from > width) return
    const slot = slotOf(bytes, start, end)
    bytes.copy(this.#cells, slot * width, start, end)
    value.copy(this.#values, slot * width, from, to)
    this.#cellLengths[slot] = end - start + 1
    this.#valueLengths[slot] = to - from + 1
  }
}

/** FNV-1a, folded to the number of slots. */
function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return (hash ^ (hash >>> 15)) & (slots - 1)
}
