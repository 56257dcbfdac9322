import type { RecordTable } from '../csv/record-table.ts'
import { normalizeId } from '../values/record-id.ts'
import { answersAtOnce, idLength, type RowMemory } from './row-memory.ts'
import { TextStore } from './text-store.ts'

/** What is known of one sent row. */
export const outcome = {
  /** The service gave no answer for it. */
  unknown: 0,
  created: 1,
  changed: 2,
  rejected: 3,
  unprocessed: 4,
  /** One of several identical rows that got different answers: which answer is whose cannot be told. */
  ambiguous: 5,
} as const

export type Outcome = (typeof outcome)[keyof typeof outcome]

/** First byte in the place of an Id: a text's number follows. */
const textMark = 1

/** Of Ids without the three characters of checksum; they are completed. */
const shortIdLength = 15

/** The outcomes of the sent rows of one part, by their order in the part. */
export class Outcomes {
  readonly #memory: RowMemory
  readonly #store: TextStore

  /** `memory`: made ready for the part. `folder`: where texts may be spooled. */
  constructor(memory: RowMemory, folder: string) {
    this.#memory = memory
    this.#store = new TextStore(folder)
  }

  get rows(): number {
    return this.#memory.count
  }

  status(row: number): Outcome {
    return this.#memory.statuses[row] as Outcome
  }

  setStatus(row: number, status: Outcome): void {
    this.#memory.statuses[row] = status
  }

  /** `id`: 15 or 18 characters, or none, which leaves the row the Id that it has. A text of the row is forgotten. */
  setId(row: number, bytes: Buffer, start: number, end: number): void {
    const { ids } = this.#memory
    const place = row * idLength
    const short = end - start === shortIdLength ? normalizeId(bytes.toString('latin1', start, end)) : undefined
    if (end - start === idLength) bytes.copy(ids, place, start, end)
    else if (short !== undefined) ids.write(short, place, 'latin1')
    else if (ids[place] === textMark) ids[place] = 0
  }

  id(row: number): Buffer | undefined {
    const { ids } = this.#memory
    const place = row * idLength
    return ids[place]! <= textMark ? undefined : ids.subarray(place, place + idLength)
  }

  /** To be set after the Id. Its number stands in the place of the Id where there is none: 4 bytes less for each row of a part. */
  setText(row: number, text: Buffer): void {
    const { ids } = this.#memory
    const place = row * idLength
    const number = this.#store.add(text)
    if (ids[place]! > textMark) {
      this.#memory.setNumber(row, number + 1)
      return
    }
    ids[place] = textMark
    ids.writeUInt32LE(number, place + 1)
  }

  text(row: number): Buffer | undefined {
    const { ids, numbers } = this.#memory
    const place = row * idLength
    if (ids[place] === textMark) return this.#store.get(ids.readUInt32LE(place + 1))
    const number = numbers?.[row] ?? 0
    return number === 0 ? undefined : this.#store.get(number - 1)
  }

  /**
   * Gives rows what a file of accepted ones says in its records from `first` on: Id and whether it was created. `rows`: the
   * latest answer of the memory that this was made with; below 0 for a record without a row.
   */
  accept(rows: Int32Array, table: RecordTable, first: number, idColumn: number, createdColumn: number): void {
    const { kernel, answers } = this.#memory
    table.kernel.readAccepted(first, first + rows.length, idColumn, createdColumn)
    answers.states.set(table.states.subarray(first, first + rows.length))
    table.ids.copy(answers.ids, 0, first * idLength, (first + rows.length) * idLength)
    kernel.settleRows(rows.length)
  }

  /** Copies statuses and Ids of the rows `from` to `to` to where the records from `record` on have theirs. */
  copyTo(table: RecordTable, record: number, from: number, to: number): void {
    const { statuses, ids } = this.#memory
    table.states.set(statuses.subarray(from, to), record)
    ids.copy(table.ids, record * idLength, from * idLength, to * idLength)
  }

  /** Lines of the accepted rows, as `WrittenIds` keeps them; each piece holds until the next one is asked for. */
  *writtenLines(): Generator<Buffer> {
    const { kernel, count } = this.#memory
    const { lines } = kernel
    for (let row = 0; row < count; row += answersAtOnce) {
      const bytes = kernel.listWritten(row, Math.min(row + answersAtOnce, count))
      if (bytes > 0) yield Buffer.from(kernel.memory.buffer, lines.value, bytes)
    }
  }

  close(): void {
    this.#store.close()
  }
}
