import type { CountPassing } from '../csv/plain-rows.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from './computed-cells.ts'

/** A row that is not sent: `error` for the errors file, or the Id of the record that it would leave as it is. */
export type HeldRow =
  | { readonly kind: 'rejected'; readonly error: string }
  /** Stands in the success file. `id`: 18 characters. */
  | { readonly kind: 'skipped'; readonly id: string }

/** Decides of each row, before it is sent, whether it is. The flow of a load knows nothing of the reasons. */
export interface RowGate {
  /** Awaited for each block of the input, in its order, before a row of it is judged. */
  prepare?(block: RecordBlock, computed: ComputedCells | undefined): Promise<void>
  /**
   * Why a row is not sent, or undefined. Says the same each time it is asked for the same row, unless there was a `question`.
   * `computed`: values of the row that are more than a cell as it stands.
   */
  hold(block: RecordBlock, record: number, computed: ComputedCells | undefined): HeldRow | undefined
  /** Columns of a row that `hold` let pass whose cells are sent empty, by their index among the sent ones; none: all are sent. */
  blanks?(block: RecordBlock, record: number, computed: ComputedCells | undefined): ReadonlySet<number> | undefined
  /**
   * How many of these records `hold` would let pass for certain, as far as they follow one another; found for many at a
   * time, it may be fewer than would pass. Left out: each is asked for by itself.
   */
  readonly countPassing?: CountPassing | undefined
  /** What must be asked before the last answer of `hold` counts; then the row is judged once more. */
  readonly question?: (() => Promise<void>) | undefined
}
