import { createHash } from 'node:crypto'
import type { Org } from '../org/org.ts'
import { makeIncremental } from './incremental-query.ts'
import { keepState, readState } from './incremental-state.ts'
import { NewRows } from './new-rows.ts'
import type { RowFilter } from './record-output.ts'

export interface IncrementalOptions {
  readonly soql: string
  /** Path of the state. */
  readonly state: string
  readonly org: Pick<Org, 'name' | 'usage'>
  /** When the query was asked, or before, in milliseconds since 1970 by this machine's clock. */
  readonly begunAt: number
  /** Milliseconds before the mark that are read again, for transactions that end later than others which began after them. */
  readonly overlap: number
}

/** A query for what changed since its last run. */
export interface IncrementalQuery {
  readonly soql: string
  /** Deleted rows are read as well, but for the first time. */
  readonly all: boolean
  readonly filter: RowFilter
  /** By what one standing of the query is told from another. */
  readonly standing: string
  /** Moves the mark: called when every row is written, and not before. Returns the rows that the next run delivers again. */
  finish(): Promise<number>
}

/**
 * Reads where the query stands and what to ask now. The mark is the latest SystemModstamp delivered that is not later than the query
 * by the org's own clock: behind a record from the future there are changes to come. Throws `UsageError` as `readState` and `makeIncremental` do.
 */
export async function beginIncremental(options: IncrementalOptions): Promise<IncrementalQuery> {
  const { soql, state, org, begunAt, overlap } = options
  const before = await readState(state, org.name, soql)
  const rows = new NewRows(
    before,
    overlap,
    () => (org.usage.orgClock ?? Number.POSITIVE_INFINITY) - (Date.now() - begunAt),
  )
  return {
    soql: makeIncremental(soql, before === undefined ? undefined : before.mark - overlap),
    all: before !== undefined,
    filter: rows,
    standing: createHash('sha256')
      .update(JSON.stringify(before ?? null))
      .digest('hex'),
    async finish() {
      const next = rows.state(org.name, soql)
      if (next !== undefined) await keepState(state, next)
      return rows.forgotten
    },
  }
}
