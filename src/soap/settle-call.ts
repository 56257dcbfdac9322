import { PartNotSent, type PlacedResult } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { lostAnswerPauses, restarts } from '../org/retry-table.ts'
import type { CallTools } from './send-call.ts'
import { type RowsToWrite, writeRows } from './write-rows.ts'

/** What the org shows of a row whose answer was lost. */
export type RowTrace =
  /** The request wrote it, or the record is as if it had. `created`: whether the record came into being with it. */
  | { readonly state: 'written'; readonly id: string; readonly created: boolean }
  /** The org was not touched by it. `gone`: the record had been deleted before the request. */
  | { readonly state: 'absent'; readonly gone?: boolean }
  /** Nobody can tell. `reason`: a clause. */
  | { readonly state: 'untold'; readonly reason: string }

/** Rows that go out with one request, and how the org is asked for them. */
export interface AskableRows {
  readonly count: number
  /**
   * What the org shows of some of the rows, by their places, in that order. `since`: when they may have been written, in
   * milliseconds since 1970 by this machine's clock. Throws what `Org.send` throws.
   */
  ask(places: readonly number[], since: number): Promise<readonly RowTrace[]>
  /** Sends some of the rows; answers by their place in the list. Throws `PartNotSent`. */
  send(places: readonly number[]): Promise<readonly PlacedResult[]>
  /** What a rejection begins with of a row that had been carried out already, only later than the org was asked. */
  readonly late?: string | undefined
}

/**
 * Sends rows. When their answer is lost the org is asked what became of them, and only those go out once more that it has
 * not touched. Throws `PartNotSent` when nothing is known of any row.
 */
export async function sendSettled(rows: AskableRows, tools: CallTools): Promise<readonly PlacedResult[]> {
  const since = Date.now()
  try {
    return await rows.send(allPlaces(rows))
  } catch (error) {
    if (!isLost(error) || tools.signal.aborted) throw error
    return await settleRows(rows, since, tools).catch((reason: unknown) => {
      const cause = reason instanceof PartNotSent ? reason.failure.error : reason
      throw new PartNotSent({ ...error.failure, askFailure: cause })
    })
  }
}

/**
 * The answers of rows that may have been sent since a moment although their own were lost. Throws what keeps the org from
 * being asked, or the rest from being sent: then nothing may be concluded.
 */
export async function settleRows(rows: AskableRows, since: number, tools: CallTools): Promise<readonly PlacedResult[]> {
  const answers = new Map<number, PlacedResult>()
  let places = allPlaces(rows)
  let from = since
  for (let attempt = 1; ; attempt++) {
    const traces = await askPatiently(() => rows.ask(places, from), from, tools)
    const again: { readonly row: number; readonly gone: boolean }[] = []
    const told = createdIds(answers.values())
    for (const [index, trace] of traces.entries()) {
      const row = places[index]!
      if (trace.state === 'absent') again.push({ row, gone: trace.gone ?? false })
      // The record came of another row with the same unique value, so the service refuses this one.
      else if (trace.state === 'written' && trace.created && told.has(trace.id)) again.push({ row, gone: false })
      else answers.set(row, answerOf(row, trace))
    }
    places = again.map(({ row }) => row)
    from = Date.now()
    try {
      const told = places.length === 0 ? [] : await rows.send(places)
      for (const answer of told) {
        const { row, gone } = again[answer.row]!
        answers.set(row, { ...(gone ? answer : forgiveLate(answer, rows.late)), row })
      }
      return [...answers.values()].sort((a, b) => a.row - b.row)
    } catch (error) {
      if (!isLost(error) || attempt === restarts.soapCall.tries || tools.signal.aborted) throw error
    }
  }
}

function createdIds(answers: Iterable<PlacedResult>): ReadonlySet<string> {
  return new Set([...answers].flatMap(({ created, id }) => (created ? [id] : [])))
}

/** Rows of a SOAP call. */
export interface LostCall extends Pick<RowsToWrite, 'shape' | 'rows'> {
  readonly since: number
  /** The field that an upsert is keyed by. */
  readonly externalIdField: string | undefined
}

/** Asks the org what became of the rows of a call, in their order. Throws what `Org.send` throws. */
export type FindWritten = (lost: LostCall) => Promise<readonly RowTrace[]>

/** The rows of a SOAP call. */
export function askableCall(
  org: Org,
  write: RowsToWrite,
  findWritten: FindWritten,
  externalIdField: string | undefined,
): AskableRows {
  const { shape } = write
  const pick = (places: readonly number[]) => places.map((row) => write.rows[row]!)
  const late = shape.call.element === 'undelete' ? 'UNDELETE_FAILED:' : 'ENTITY_IS_DELETED:'
  return {
    count: write.rows.length,
    late: shape.call.sends === 'ids' ? late : undefined,
    ask: (places, since) => findWritten({ shape, rows: pick(places), since, externalIdField }),
    send(places) {
      const streamed = places.flatMap((row, index) => {
        const field = write.streamed?.get(row)
        return field === undefined ? [] : [[index, field] as const]
      })
      return writeRows(org, { ...write, rows: pick(places), streamed: new Map(streamed) })
    },
  }
}

/** While the org shows nothing of the rows it is asked again, unless they left long ago. */
async function askPatiently(
  ask: () => Promise<readonly RowTrace[]>,
  since: number,
  { pause, signal }: CallTools,
): Promise<readonly RowTrace[]> {
  let traces = await ask()
  for (const milliseconds of lostAnswerPauses) {
    const isOld = Date.now() - since > longestRequest
    if (isOld || signal.aborted || traces.some(({ state }) => state !== 'absent')) break
    await pause(milliseconds, signal)
    traces = await ask()
  }
  return traces
}

/** Milliseconds that the service lets a request run. Source: "API Request Limits and Allocations". */
const longestRequest = 600_000

function allPlaces({ count }: AskableRows): readonly number[] {
  return Array.from({ length: count }, (_, row) => row)
}

function answerOf(row: number, trace: Exclude<RowTrace, { readonly state: 'absent' }>): PlacedResult {
  if (trace.state === 'written') return { row, verdict: 'accepted', id: trace.id, created: trace.created, error: '' }
  return { row, verdict: 'unknown', id: '', created: false, error: trace.reason }
}

function forgiveLate(answer: PlacedResult, late: string | undefined): PlacedResult {
  const isLate = late !== undefined && answer.verdict === 'rejected' && answer.error.startsWith(late)
  return isLate ? { ...answer, verdict: 'accepted', error: '' } : answer
}

/** Whether the answers to a request may be lost although it was carried out. */
function isLost(error: unknown): error is PartNotSent {
  return error instanceof PartNotSent && error.failure.mayHaveArrived
}
