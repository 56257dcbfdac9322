import type { CsvSource, RecordBlock } from '../csv/records.ts'
import type { RowEncoder } from './encode-row.ts'
import type { LentMemory } from './lent-memory.ts'
import type { Part } from './part.ts'
import { RowIndex } from './row-index.ts'
import { type HashPair, type RowKeys, wholeRowHash } from './row-keys.ts'

/**
 * Finds the sent row that an answer belongs to.
 *
 * A row is known by its key: its Id, its external ID, or all that was sent for an insert. Rows that share a key are told apart
 * by their whole content. Rows that are the same in that, too, are alike for the service and for us: their answers are
 * handed out in file order, and `alike` says where that was so, since it matters when the answers differ.
 */
export class JoinTable {
  readonly rows: number
  readonly #keys: RowIndex
  /** By row: `sharedKey` when others have the key that it holds, `answered` when it has got its answer. */
  readonly #flags: Uint8Array
  #groups: RowGroups | undefined

  private constructor(rows: number, memory: LentMemory) {
    this.rows = rows
    this.#keys = new RowIndex(rows, memory, 'keys')
    this.#flags = new Uint8Array(memory.lend('flags', rows), 0, rows)
  }

  /** Reads the part where its keys were not noted before, and once more when some of its rows share a key. */
  static async build(
    source: CsvSource,
    part: Part,
    encoder: RowEncoder,
    keys: RowKeys,
    memory: LentMemory,
  ): Promise<JoinTable> {
    const table = new JoinTable(part.sent, memory)
    let sharing = 0
    const add = (key: HashPair, row: number): void => {
      const holder = table.#keys.add(key, row)
      if (holder === row) return
      if (table.#flags[holder] === 0) sharing++
      table.#flags[holder] = sharedKey
      sharing++
    }
    if (part.keys) for (let row = 0; row < part.sent; row++) add(part.keys.get(row), row)
    else await forEachSent(source, part, encoder, (block, record, row) => add(keys.key(block, record), row))
    if (sharing > 0) {
      const groups = new RowGroups(table.rows, sharing, memory)
      const whole = await wholeRowHash()
      await forEachSent(source, part, encoder, (block, record, row) => {
        const holder = table.#keys.find(keys.key(block, record))
        if (table.#flags[holder] === sharedKey) groups.add(row, keys.content(block, record), whole(block, record))
      })
      table.#groups = groups
    }
    return table
  }

  /** The row that this answer is for, or -1 when no row that was sent, or none without an answer, fits. */
  match(keys: RowKeys, block: RecordBlock, record: number): number {
    const holder = this.#keys.find(keys.key(block, record))
    if (holder < 0) return -1
    const isShared = (this.#flags[holder]! & sharedKey) !== 0
    const row = isShared ? this.#groups!.take(keys.content(block, record)) : holder
    if (row < 0 || (this.#flags[row]! & answered) !== 0) return -1
    this.#flags[row]! |= answered
    return row
  }

  /** Groups of rows that are alike in all that was sent, but not in the rest of the input's columns. */
  *alike(): Generator<readonly number[]> {
    if (this.#groups) yield* this.#groups.alike()
  }
}

const sharedKey = 1
const answered = 2

/** Rows with the same content, in file order. */
class RowGroups {
  readonly #contents: RowIndex
  readonly #next: Int32Array
  readonly #last: Int32Array
  /** By first row of a group: the row that gets the next answer; -1 when all have one. */
  readonly #upcoming: Int32Array
  readonly #firsts: number[] = []
  /** By first row of a group: hash of its bytes in the input, unmapped columns included. */
  readonly #wholeLow: Uint32Array
  readonly #wholeHigh: Uint32Array
  readonly #differs = new Set<number>()

  constructor(rows: number, capacity: number, memory: LentMemory) {
    const words = (name: string) => memory.lend(name, rows * 4)
    this.#contents = new RowIndex(capacity, memory, 'contents')
    this.#next = new Int32Array(words('next'), 0, rows).fill(-1)
    this.#last = new Int32Array(words('last'), 0, rows).fill(-1)
    this.#upcoming = new Int32Array(words('upcoming'), 0, rows).fill(-1)
    this.#wholeLow = new Uint32Array(words('wholeLow'), 0, rows)
    this.#wholeHigh = new Uint32Array(words('wholeHigh'), 0, rows)
  }

  add(row: number, content: HashPair, whole: HashPair): void {
    const first = this.#contents.add(content, row)
    if (first === row) {
      this.#upcoming[row] = row
      this.#last[row] = row
      this.#firsts.push(row)
      this.#wholeLow[row] = whole.low
      this.#wholeHigh[row] = whole.high
      return
    }
    this.#next[this.#last[first]!] = row
    this.#last[first] = row
    if (this.#wholeLow[first] !== whole.low || this.#wholeHigh[first] !== whole.high) this.#differs.add(first)
  }

  take(content: HashPair): number {
    const first = this.#contents.find(content)
    if (first < 0) return -1
    const row = this.#upcoming[first]!
    if (row >= 0) this.#upcoming[first] = this.#next[row]!
    return row
  }

  *alike(): Generator<readonly number[]> {
    for (const first of this.#firsts) {
      if (!this.#differs.has(first)) continue
      const rows: number[] = []
      for (let row = first; row >= 0; row = this.#next[row]!) rows.push(row)
      yield rows
    }
  }
}

/** Visits the sent rows of a part in order; `row` counts them from 0. */
async function forEachSent(
  source: CsvSource,
  part: Part,
  encoder: RowEncoder,
  visit: (block: RecordBlock, record: number, row: number) => void,
): Promise<void> {
  let row = 0
  for await (const block of source.reread(part.from, part.to)) {
    for (let record = 0; record < block.count; record++) {
      if (encoder.hold(block, record) === undefined) visit(block, record, row++)
    }
  }
  if (row !== part.sent) throw new SourceChanged(source.name)
}

/** The input gave other rows when it was read again. */
export class SourceChanged extends Error {
  constructor(name: string) {
    super(`${name} changed while it was being loaded`)
    this.name = 'SourceChanged'
  }
}
