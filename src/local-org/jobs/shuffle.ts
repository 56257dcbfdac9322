import { createHash } from 'node:crypto'

/**
 * The numbers from 0 to `length - 1` in an order that looks random and is the same each time for the same seed. It is
 * never the order of counting when there are two or more.
 */
export function shuffledOrder(length: number, seed: string): readonly number[] {
  const order = Array.from({ length }, (_, index) => index)
  let state = createHash('sha256').update(seed).digest().readUInt32LE()
  for (let last = length - 1; last > 0; last -= 1) {
    state = nextState(state)
    const other = state % (last + 1)
    const moved = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = moved
  }
  const isCounting = order.every((value, index) => value === index)
  return isCounting ? order.reverse() : order
}

/** Marsaglia's xorshift on 32 bits: good enough to put rows out of order. */
function nextState(state: number): number {
  let next = state === 0 ? 1 : state
  next ^= next << 13
  next ^= next >>> 17
  next ^= next << 5
  return next >>> 0
}
