/** How far a load had come at a time. */
export interface TimelinePoint {
  /** Milliseconds since the beginning. */
  readonly at: number
  /** Rows read from the input. */
  readonly read: number
  /** Rows that stand in a result file. */
  readonly written: number
}

/** The events of a load that the timeline is made of. */
export type TimedEvent =
  | { readonly type: 'read'; readonly rows: number }
  | {
      readonly type: 'written'
      readonly accepted: number
      readonly rejected: number
      readonly unprocessed: number
      readonly unknown: number
    }

/** Samples the progress of a load at even distances; a load of any length has at most `mostPoints` of them. */
export class Timeline {
  readonly #now: () => number
  readonly #began: number
  #points: TimelinePoint[] = []
  #distance = 100
  #read = 0
  #written = 0

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  add(event: TimedEvent): void {
    if (event.type === 'read') this.#read = event.rows
    else this.#written = event.accepted + event.rejected + event.unprocessed + event.unknown
    const point = this.#point()
    if (point.at - (this.#points.at(-1)?.at ?? 0) < this.#distance) return
    this.#points.push(point)
    if (this.#points.length < mostPoints) return
    this.#points = this.#points.filter((_point, index) => index % 2 === 1)
    this.#distance *= 2
  }

  /** From the beginning to now. */
  points(): readonly TimelinePoint[] {
    return [{ at: 0, read: 0, written: 0 }, ...this.#points, this.#point()]
  }

  #point(): TimelinePoint {
    return { at: this.#now() - this.#began, read: this.#read, written: this.#written }
  }
}

const mostPoints = 400
