import type { ByteWriter } from './byte-writer.ts'
import type { LentMemory } from './lent-memory.ts'
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

const idLength = 18

/** The outcomes of the sent rows of one part, by their order in the part; about 23 bytes a row. */
export class Outcomes {
  readonly #status: Uint8Array
  readonly #ids: Buffer
  readonly #texts: Int32Array
  readonly #store: TextStore

  /** `folder`: where texts may be spooled. */
  constructor(rows: number, folder: string, memory: LentMemory) {
    this.#status = new Uint8Array(memory.lend('status', rows), 0, rows)
    this.#ids = Buffer.from(memory.lend('ids', rows * idLength), 0, rows * idLength)
    this.#texts = new Int32Array(memory.lend('texts', rows * 4), 0, rows).fill(-1)
    this.#store = new TextStore(folder)
  }

  get rows(): number {
    return this.#status.length
  }

  status(row: number): Outcome {
    return this.#status[row] as Outcome
  }

  setStatus(row: number, status: Outcome): void {
    this.#status[row] = status
  }

  /** `id`: 18 characters, or none. */
  setId(row: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== idLength) return
    let place = row * idLength
    for (let at = start; at < end; at++) this.#ids[place++] = bytes[at]!
  }

  /** Writes the Id of a row, where it has one; there must be room. */
  copyId(row: number, out: ByteWriter): void {
    const start = row * idLength
    if (this.#ids[start] !== 0) out.copy(this.#ids, start, start + idLength)
  }

  id(row: number): Buffer | undefined {
    const start = row * idLength
    return this.#ids[start] === 0 ? undefined : this.#ids.subarray(start, start + idLength)
  }

  setText(row: number, text: Buffer): void {
    this.#texts[row] = this.#store.add(text)
  }

  text(row: number): Buffer | undefined {
    const number = this.#texts[row]!
    return number < 0 ? undefined : this.#store.get(number)
  }

  close(): void {
    this.#store.close()
  }
}
