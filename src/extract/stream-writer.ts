import { once } from 'node:events'
import type { Writable } from 'node:stream'

/** Writes to a stream no faster than it takes; every failure of the stream is thrown to whoever writes. */
export class StreamWriter {
  readonly #stream: Writable
  readonly #failed = new AbortController()

  constructor(stream: Writable) {
    this.#stream = stream
    // Stays on for good: a pipe may report that its reader has gone long after the last write.
    stream.on('error', (error) => this.#failed.abort(error))
  }

  /** Resolves when there is room for more. */
  async write(block: Uint8Array): Promise<void> {
    this.#failed.signal.throwIfAborted()
    if (this.#stream.write(block)) return
    await this.#wait(once(this.#stream, 'drain', { signal: this.#failed.signal }))
  }

  /** Resolves when everything written has left. */
  async flush(): Promise<void> {
    this.#failed.signal.throwIfAborted()
    await this.#wait(
      new Promise<void>((resolve, reject) => {
        this.#stream.write('', (error) => (error ? reject(error) : resolve()))
      }),
    )
  }

  async #wait(event: Promise<unknown>): Promise<void> {
    try {
      await event
    } catch (error) {
      this.#failed.signal.throwIfAborted()
      throw error
    }
  }
}
