import type { BuildOptions, JoinTable } from './join-table.ts'
import type { Part } from './part.ts'

/**
 * The tables that the answers of the parts are joined by, one after the other in the same memory. That of the part whose turn it is
 * is made while its job is at work and the processor has nothing else to do.
 */
export class NextTable {
  readonly #build: (part: Part, options?: BuildOptions) => Promise<JoinTable>
  /** Number of the part whose turn it is: those before it are settled, so the memory is free. */
  #turn: number
  #early: Promise<JoinTable> | undefined

  /** `first`: number of the first part. */
  constructor(first: number, build: (part: Part, options?: BuildOptions) => Promise<JoinTable>) {
    this.#turn = first
    this.#build = build
  }

  /** The job of a part is waited for: its table is begun if it is the part's turn. */
  begin(part: Part): void {
    if (part.number !== this.#turn || this.#early !== undefined) return
    this.#early = this.#build(part)
    // Whoever takes it is told; until then nobody listens.
    this.#early.catch(() => {})
  }

  /** The table of the part whose turn it is: the one that was begun, at the first time. Throws what `JoinTable.build` throws. */
  async take(part: Part, options?: BuildOptions): Promise<JoinTable> {
    const early = this.#early
    if (early === undefined || options !== undefined) {
      await this.close()
      return await this.#build(part, options)
    }
    this.#early = undefined
    return await early
  }

  /** The rows of the part are in the files, or it was given up: it is the turn of the next one. */
  async settle(part: Part): Promise<void> {
    await this.close()
    this.#turn = part.number + 1
  }

  /** Resolves when no table is being made any more. */
  async close(): Promise<void> {
    await this.#early?.catch(() => {})
    this.#early = undefined
  }
}
