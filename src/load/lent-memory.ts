import { RowMemory } from './row-memory.ts'

/**
 * Memory that the parts of a load use one after the other. Without it each part leaves some 30 MB to the garbage collector,
 * which takes its time with large arrays: the peak of a load of ten parts was 100 MB above that of one.
 */
export class LentMemory {
  #rows: RowMemory | undefined
  readonly #kept = new Map<string, ArrayBuffer>()

  /** Of the rows of the part that is joined and written. */
  get rows(): RowMemory {
    this.#rows ??= RowMemory.lend()
    return this.#rows
  }

  /** Nothing that was lent is used any more. */
  close(): void {
    this.#rows?.giveBack()
    this.#rows = undefined
    this.#kept.clear()
  }

  /** Bytes that are all zero. What was lent under the same name before must not be used any more. */
  lend(name: string, bytes: number): ArrayBuffer {
    const kept = this.#kept.get(name)
    if (kept !== undefined && kept.byteLength >= bytes) {
      new Uint8Array(kept, 0, bytes).fill(0)
      return kept
    }
    // A little more than is asked for, since no two parts have the same number of rows.
    const memory = new ArrayBuffer(bytes + (bytes >> 3))
    this.#kept.set(name, memory)
    return memory
  }
}
