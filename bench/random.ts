/** Numbers that look random and are the same in every run: 32 bits of a linear congruential generator, mixed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 up to, but not, `end`. */
  below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    const mixed = Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b3c6d) >>> 0
    return ((mixed ^ (mixed >>> 13)) >>> 0) % end
  }

  pick<Value>(from: readonly Value[]): Value {
    return from[this.below(from.length)]!
  }
}
