import type { LentMemory } from './lent-memory.ts'
import { RowIndex } from './row-index.ts'
import type { ContentHash, HashPair } from './row-keys.ts'

/** Rows among which answers were handed out in file order. */
export interface AlikeRows {
  readonly rows: readonly number[]
  /** Whether each of them makes the same record, so that answers of one kind may be anyone's. */
  readonly areSame: boolean
}

/**
 * Rows with the same content, in file order. Those of a group that are spelt otherwise, with `#N/A` or white space where others
 * have none, are chains of their own: whether the service repeats that as it was sent is not documented, so each answer is given to
 * the chain that is spelt like it, and what does not come out even with the rows leaves the whole group open.
 */
export class RowGroups {
  readonly #capacity: number
  readonly #memory: LentMemory
  readonly #contents: RowIndex
  /** First rows of chains that are spelt unlike the first one of their group; undefined as long as there are none. */
  #spellings: RowIndex | undefined
  readonly #next: Int32Array
  readonly #last: Int32Array
  /** By first row of a chain: the row that gets the next answer; -1 when all have one. */
  readonly #upcoming: Int32Array
  /** First rows of chains. */
  readonly #firsts: number[] = []
  /** By first row of a chain: hash of its bytes in the input, unmapped columns included; and of its spelling. */
  readonly #wholeLow: Uint32Array
  readonly #wholeHigh: Uint32Array
  readonly #spelling: Int32Array
  readonly #differs = new Set<number>()
  /** By first row of a group of several chains: the first rows of all. */
  readonly #chains = new Map<number, number[]>()
  /** Of these groups, those with an answer that is spelt like no row which waits. */
  readonly #uneven = new Set<number>()

  constructor(rows: number, capacity: number, memory: LentMemory) {
    const words = (name: string) => memory.lend(name, rows * 4)
    this.#capacity = capacity
    this.#memory = memory
    this.#contents = new RowIndex(capacity, memory, 'contents')
    this.#next = new Int32Array(words('next'), 0, rows).fill(-1)
    this.#last = new Int32Array(words('last'), 0, rows).fill(-1)
    this.#upcoming = new Int32Array(words('upcoming'), 0, rows).fill(-1)
    this.#wholeLow = new Uint32Array(words('wholeLow'), 0, rows)
    this.#wholeHigh = new Uint32Array(words('wholeHigh'), 0, rows)
    this.#spelling = new Int32Array(words('spelling'), 0, rows)
  }

  add(row: number, content: ContentHash, whole: HashPair): void {
    const head = this.#contents.add(content, row)
    const first =
      head === row || this.#spelling[head] === content.spelling ? head : this.#addSpelling(row, head, content)
    if (first === row) {
      this.#upcoming[row] = row
      this.#last[row] = row
      this.#firsts.push(row)
      this.#wholeLow[row] = whole.low
      this.#wholeHigh[row] = whole.high
      this.#spelling[row] = content.spelling
      return
    }
    this.#next[this.#last[first]!] = row
    this.#last[first] = row
    if (this.#wholeLow[first] !== whole.low || this.#wholeHigh[first] !== whole.high) this.#differs.add(first)
  }

  /** The row that an answer is given to, or -1. */
  take(content: ContentHash): number {
    const head = this.#contents.find(content)
    if (head < 0) return -1
    const chains = this.#chains.get(head)
    if (chains === undefined) return this.#takeFrom(head)
    const first = this.#spelling[head] === content.spelling ? head : (this.#spellings?.find(spelt(content)) ?? -1)
    const row = first < 0 ? -1 : this.#takeFrom(first)
    if (row >= 0) return row
    this.#uneven.add(head)
    const waiting = chains.find((chain) => this.#upcoming[chain]! >= 0)
    return waiting === undefined ? -1 : this.#takeFrom(waiting)
  }

  /** The first row with this content, or -1. */
  find(content: HashPair): number {
    return this.#contents.find(content)
  }

  /** `isAnswered`: whether a row has got an answer. */
  *alike(isAnswered: (row: number) => boolean): Generator<AlikeRows> {
    const open = new Set<number>()
    for (const [head, chains] of this.#chains) {
      const rows = this.listFrom(head)
      // A row that waits may be the one that an answer of another spelling was for.
      if (!this.#uneven.has(head) && rows.every(isAnswered)) continue
      for (const chain of chains) open.add(chain)
      yield { rows, areSame: false }
    }
    for (const first of this.#firsts) {
      if (this.#differs.has(first) && !open.has(first)) yield { rows: this.#listChain(first), areSame: true }
    }
  }

  /** All rows of the group that begins with this one. */
  listFrom(head: number): readonly number[] {
    return (this.#chains.get(head) ?? [head]).flatMap((first) => this.#listChain(first))
  }

  #addSpelling(row: number, head: number, content: ContentHash): number {
    this.#spellings ??= new RowIndex(this.#capacity, this.#memory, 'spellings')
    const first = this.#spellings.add(spelt(content), row)
    if (first !== row) return first
    const chains = this.#chains.get(head)
    if (chains === undefined) this.#chains.set(head, [head, row])
    else chains.push(row)
    return row
  }

  #takeFrom(first: number): number {
    const row = this.#upcoming[first]!
    if (row >= 0) this.#upcoming[first] = this.#next[row]!
    return row
  }

  #listChain(first: number): number[] {
    const rows: number[] = []
    for (let row = first; row >= 0; row = this.#next[row]!) rows.push(row)
    return rows
  }
}

/** The hash of a content in its own spelling. */
function spelt({ low, high, spelling }: ContentHash): HashPair {
  return { low: low ^ spelling, high }
}
