import type { CsvSource, RecordBlock } from '../csv/records.ts'

/** Rows of the input, as far as one block of it tells; more than any number for a stream whose end is not known. */
export function expectedRows(source: Pick<CsvSource, 'peek' | 'size'>, block: RecordBlock): number {
  const input = source.peek()
  if (input !== 'more') return input.rows
  if (source.size === undefined || block.count === 0) return Number.POSITIVE_INFINITY
  const bytes = block.recordEnd[block.count - 1]! - block.recordStart[0]!
  return Math.ceil((source.size * block.count) / Math.max(1, bytes))
}
