import { growMemory, type Kernel, startKernel } from '../kernel/kernel.ts'

/** Answers that are joined at a time. */
export const answersAtOnce = 8192

/**
 * What is known of the rows of a part, in the memory of a kernel: 28 bytes a row and 7 for the table that finds a row by its
 * key. One part after the other uses it; it only grows.
 */
export class RowMemory {
  readonly kernel: Kernel = startKernel()
  /** Rows of the part that uses it. */
  count = 0
  /** By row: `outcome`, and the Id or what `Outcomes` puts in its place. */
  statuses!: Uint8Array
  ids!: Buffer
  /** By row: what `JoinTable` notes. */
  flags!: Uint8Array
  /** By row: the low and the high half of the hash of its key. */
  keys!: Uint32Array
  /** By answer of the batch that is joined: hash, state, Id and row. */
  readonly answers = {
    hashes: new Uint32Array(0),
    states: new Uint8Array(0),
    ids: Buffer.alloc(0),
    rows: new Int32Array(0),
  }
  /** By row: a number, 0 where none was set; none at all, or those of fewer rows, where no row of the part has one. */
  numbers: Int32Array | undefined

  /** One that nobody uses. */
  static lend(): RowMemory {
    return spare.pop() ?? new RowMemory()
  }

  giveBack(): void {
    if (spare.length === 0) spare.push(this)
  }

  /** Makes it ready for a part of so many rows, of which nothing is known. */
  begin(count: number): this {
    const { kernel, answers } = this
    growMemory(kernel, kernel.layOutJoin(count, answersAtOnce))
    const { buffer } = kernel.memory
    this.count = count
    this.statuses = new Uint8Array(buffer, kernel.statuses.value, count)
    this.ids = Buffer.from(buffer, kernel.rowIds.value, count * idLength)
    this.flags = new Uint8Array(buffer, kernel.flags.value, count)
    this.keys = new Uint32Array(buffer, kernel.rowKeys.value, count * 2)
    answers.hashes = new Uint32Array(buffer, kernel.hashes.value, answersAtOnce * 2)
    answers.states = new Uint8Array(buffer, kernel.states.value, answersAtOnce)
    answers.ids = Buffer.from(buffer, kernel.ids.value, answersAtOnce * idLength)
    answers.rows = new Int32Array(buffer, kernel.rows.value, answersAtOnce)
    kernel.clearOutcomes()
    this.numbers?.fill(0)
    return this
  }

  /** Few parts need the numbers, so that they take no memory before. */
  setNumber(row: number, value: number): void {
    if (this.numbers === undefined || this.numbers.length < this.count) this.numbers = new Int32Array(this.count)
    this.numbers[row] = value
  }
}

/** Characters of an Id. */
export const idLength = 18

/** A process that loads many small inputs, such as a sync, takes the same memory for all of them. */
const spare: RowMemory[] = []
