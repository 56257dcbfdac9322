import { ByteWriter } from './byte-writer.ts'
import type { ResultFile } from './result-file.ts'

/** Rows on their way to a file: while some are put together, those before them are being written. */
export class WriteBehind {
  /** Where rows are put together; another one after `send` and `flush`. */
  rows: ByteWriter
  readonly #file: ResultFile
  readonly #leastBytes: number
  /** Those that are being written, one behind the other; the first is used again when it is done. */
  readonly #leaving: Promise<ByteWriter>[]

  /** `capacity`: bytes that are usually put together. `leastBytes`: fewer wait for more of them. */
  constructor(file: ResultFile, capacity: number, leastBytes: number) {
    this.rows = new ByteWriter(capacity)
    this.#file = file
    this.#leastBytes = leastBytes
    this.#leaving = [Promise.resolve(new ByteWriter(capacity)), Promise.resolve(new ByteWriter(capacity))]
  }

  /** Hands over what was put together, if it is enough; resolves when there is room for more. Throws what a write failed with. */
  async send(): Promise<void> {
    if (this.rows.length >= this.#leastBytes) await this.#handOver()
  }

  /** Resolves when everything is written. Throws what a write failed with. */
  async flush(): Promise<void> {
    await this.#handOver()
    await this.#leaving.at(-1)
  }

  async #handOver(): Promise<void> {
    const sent = this.#write(this.rows, this.#leaving.at(-1))
    // Whoever waits for it is told; until then nobody listens.
    sent.catch(() => {})
    this.#leaving.push(sent)
    this.rows = await this.#leaving.shift()!
  }

  async #write(rows: ByteWriter, before: Promise<unknown> | undefined): Promise<ByteWriter> {
    await before
    await this.#file.write(rows)
    return rows
  }
}
