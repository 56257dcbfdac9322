import type { Clock } from '../../src/bulk/clock.ts'

/** A clock that jumps: sleeping takes no time, and `pauses` keeps how long it would have been. */
export function fakeClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = []
  let time = Date.UTC(2026, 0, 1)
  return {
    pauses,
    now: () => time,
    sleep: async (milliseconds, signal) => {
      if (signal?.aborted) return
      pauses.push(milliseconds)
      time += milliseconds
    },
  }
}
