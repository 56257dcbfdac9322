import { setTimeout as delay } from 'node:timers/promises'

/** Time as the polls and retries see it; tests give one that does not wait. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Waits; ends at once, without an error, when the signal is or becomes aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    await delay(milliseconds, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      if (!signal?.aborted) throw error
    })
  },
}
