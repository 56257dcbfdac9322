import type { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'

/** Bytes a second of a link of 1 Gbit/s. */
export const gigabit = 125_000_000

/** A link of limited speed that all connections share: a bucket of bytes that fills with time. */
export class ShapedLink {
  readonly #bytesPerSecond: number
  #tokens = 0
  #filledAt = performance.now()

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Takes a chunk off the link; a stream that is too fast is paused until its bytes would have come through. */
  take(bytes: number, from: Readable): void {
    const milliseconds = this.#spend(bytes)
    if (milliseconds === 0) return
    from.pause()
    setTimeout(() => from.resume(), milliseconds)
  }

  /** Puts a chunk on the link; resolves when it has come through. */
  async put(bytes: number): Promise<void> {
    const milliseconds = this.#spend(bytes)
    if (milliseconds > 0) await wait(milliseconds)
  }

  /** Milliseconds that the bytes are too early. */
  #spend(bytes: number): number {
    const now = performance.now()
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#bytesPerSecond
    this.#tokens = Math.min(filled, this.#bytesPerSecond * burstSeconds) - bytes
    this.#filledAt = now
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#bytesPerSecond) * 1000
  }
}

/** What an idle link may give at once. */
const burstSeconds = 0.005
