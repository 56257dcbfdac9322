/**
 * Blocks of bytes on their way from one page to the output. The writing side waits when `limit` bytes lie here unread,
 * so that a page which must wait for its turn holds no more than that, and the rest stays with the service.
 */
export class BlockQueue implements AsyncIterable<Uint8Array> {
  readonly #limit: number
  readonly #blocks: Uint8Array[] = []
  #bytes = 0
  #end: { readonly failure: unknown } | 'whole' | undefined
  #wake: (() => void) | undefined
  #room: (() => void) | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What the writing side, or the reading one, gave up with. */
  get failure(): unknown {
    return typeof this.#end === 'object' ? this.#end.failure : undefined
  }

  /** Adds a block; resolves when there is room for the next one. */
  async push(block: Uint8Array): Promise<void> {
    this.#blocks.push(block)
    this.#bytes += block.length
    this.#wake?.()
    if (this.#bytes < this.#limit || this.#end !== undefined) return
    await new Promise<void>((resolve) => {
      this.#room = resolve
    })
  }

  /** No more blocks follow. */
  close(): void {
    this.#end = 'whole'
    this.#wake?.()
  }

  /** No more blocks follow: the reader gets the error after the blocks before it, and nobody waits for room any more. */
  fail(failure: unknown): void {
    this.#end = { failure }
    this.#wake?.()
    this.#room?.()
  }

  /** The blocks in order, for one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const block = this.#blocks.shift()
      if (block !== undefined) {
        this.#bytes -= block.length
        this.#room?.()
        this.#room = undefined
        yield block
      } else if (this.#end === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (this.#end === 'whole') {
        return
      } else {
        throw this.#end.failure
      }
    }
  }
}
