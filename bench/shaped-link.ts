import type { Readable } from 'node:stream'

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
    const now = performance.now()
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#bytesPerSecond
    this.#tokens = Math.min(filled, this.#bytesPerSecond * burstSeconds) - bytes
    this.#filledAt = now
    if (this.#tokens >= 0) return
    from.pause()
    setTimeout(() => from.resume(), (-this.#tokens / this.#bytesPerSecond) * 1000)
  }
}

/** What an idle link may give at once. */
const burstSeconds = 0.005
