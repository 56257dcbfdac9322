import { PartNotSent, type PlacedResult } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { longId } from './long-id.ts'
import type { RowAnswer } from './read-answers.ts'
import { findRefusedRows } from './refused-value.ts'
import { findRowId, type RowShape, renderRow } from './render-row.ts'
import { sendCall } from './send-call.ts'
import { FieldUnreadable, renderCall, type StreamedField } from './streamed-field.ts'

/** Rows that go out with one call. */
export interface RowsToWrite {
  readonly shape: RowShape
  readonly rows: readonly (readonly string[])[]
  /** By the place of the row: a field of it that is not among the columns because its text is too large to be held. */
  readonly streamed?: ReadonlyMap<number, StreamedField>
  /** Headers of the envelope, as XML. */
  readonly headers: string
  /** What stands in the call before its rows, as XML. */
  readonly key: string
}

/**
 * Writes rows and answers for each of them. Those that cannot be sent are rejected here; the others go out, in one call
 * unless a value makes the service refuse it as a whole. Throws `PartNotSent` when nothing is known of the rows.
 */
export async function writeRows(
  org: Org,
  { shape, rows, streamed, headers, key }: RowsToWrite,
): Promise<readonly PlacedResult[]> {
  const { call, columns } = shape
  const answers = new Map<number, PlacedResult>()
  let left: readonly WaitingRow[] = rows.flatMap((cells, row) => {
    const rendered = renderRow(shape, cells)
    if ('xml' in rendered) return { row, cells, xml: rendered.xml, field: streamed?.get(row) }
    answers.set(row, reject(row, rendered.reject))
    return []
  })
  while (left.length > 0) {
    const body = renderCall(call, key, left)
    try {
      const told = await sendCall(org, { call, headers, body, rows: left.length })
      for (const [index, answer] of told.entries()) {
        const { row, cells } = left[index]!
        const known = answer.id === '' ? longId(findRowId(columns, cells)) : answer.id
        answers.set(row, judge(row, { ...answer, id: known }))
      }
      break
    } catch (error) {
      const cells = left.map((waiting) => waiting.cells)
      const reason = error instanceof PartNotSent ? error.failure.error : error
      const refused = reason instanceof FieldUnreadable ? reason.rows : findRefusedRows(reason, columns, cells)
      if (refused.size === 0) throw error
      for (const [index, text] of refused) answers.set(left[index]!.row, reject(left[index]!.row, text))
      left = left.filter((_, index) => !refused.has(index))
    }
  }
  return [...answers.values()].sort((a, b) => a.row - b.row)
}

interface WaitingRow {
  readonly row: number
  readonly cells: readonly string[]
  readonly xml: string
  readonly field: StreamedField | undefined
}

function reject(row: number, error: string): PlacedResult {
  return { row, verdict: 'rejected', id: '', created: false, error }
}

function judge(row: number, { success, id, created, error }: RowAnswer): PlacedResult {
  return {
    row,
    verdict: success ? 'accepted' : 'rejected',
    id,
    created: success && created,
    error: success ? '' : error,
  }
}
