import type { KeyLog } from '../load/key-log.ts'
import { LentMemory } from '../load/lent-memory.ts'
import { RowIndex } from '../load/row-index.ts'

/** Rows of a part whose key is that of another row, by their order among the rows that are sent. */
export interface RepeatedKeys {
  /** All rows of the same chunk that share a key: an upsert has each of them refused. */
  readonly meeting: ReadonlySet<number>
  /** Rows whose key an earlier row of the input has. */
  readonly repeated: ReadonlySet<number>
}

/** Rows that the service writes at once (protocol notes 2.4). */
const chunkRows = 200
const firstCapacity = 1 << 16

/** Finds keys that come again in an input of any size: some 30 bytes a row. */
export class DuplicateKeys {
  #capacity = firstCapacity
  #index = new RowIndex(firstCapacity, new LentMemory(), 'keys')
  /** Hashes in the order of the rows that hold them, two numbers each, for a larger index. */
  readonly #parts: Uint32Array[] = []
  #rows = 0

  /** Adds the rows of the next part. */
  add(keys: KeyLog, sent: number): RepeatedKeys {
    const hashes = new Uint32Array(2 * sent)
    keys.copyTo(hashes)
    this.#grow(this.#rows + sent)
    const from = this.#rows
    const meeting = new Set<number>()
    const repeated = new Set<number>()
    const chunk = new Map<number, { readonly high: number; readonly row: number }>()
    for (let row = 0; row < sent; row++) {
      if (row % chunkRows === 0) chunk.clear()
      const low = hashes[2 * row]!
      const high = hashes[2 * row + 1]!
      const near = chunk.get(low)
      if (near === undefined) chunk.set(low, { high, row })
      else if (near.high === high) meeting.add(near.row).add(row)
      if (this.#index.add({ low, high }, from + row) !== from + row) repeated.add(row)
    }
    this.#parts.push(hashes)
    this.#rows += sent
    return { meeting, repeated }
  }

  #grow(rows: number): void {
    if (rows <= this.#capacity) return
    while (this.#capacity < rows) this.#capacity *= 2
    this.#index = new RowIndex(this.#capacity, new LentMemory(), 'keys')
    let row = 0
    for (const hashes of this.#parts) {
      for (let i = 0; i < hashes.length; i += 2) this.#index.add({ low: hashes[i]!, high: hashes[i + 1]! }, row++)
    }
  }
}
