import type { PieceMeasure } from '../load/send-piece.ts'
import { sendPiece } from '../load/send-piece.ts'
import type { PartBody, PlacedResult } from '../load/transport.ts'
import { PartNotSent } from '../load/transport.ts'
import { mayHaveArrived } from '../org/retry.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import type { CallTools } from '../soap/send-call.ts'
import { type AskableRows, sendSettled, settleRows } from '../soap/settle-call.ts'

/** A request of a run, by which rows are written. */
export interface RecordedRequest {
  /** See `pieceKey`. */
  readonly key: string
  readonly measure: PieceMeasure & { readonly from: PieceMeasure['to'] }
  readonly rows: AskableRows
}

export interface RequestTools extends CallTools {
  /** Where it is written down before it is sent. */
  readonly journal: RunJournal | undefined
  /** Whether nothing new may be sent: what an earlier process has sent is settled all the same. */
  readonly isHeldBack: () => boolean
}

/** What is sent is read from its files; its hash is known beforehand. */
const fromFiles: PartBody = {
  whole: Buffer.alloc(0),
  async *stream() {},
}

/**
 * Sends a request, or takes up what an earlier process of the run made of it: its answers, or what the org shows of its rows.
 * Throws as `sendPiece` does.
 */
export async function sendRecorded(
  { key, measure, rows }: RecordedRequest,
  { journal, isHeldBack, ...tools }: RequestTools,
): Promise<readonly PlacedResult[] | 'held back'> {
  const { from, ...measured } = measure
  const piece = { key, from, body: fromFiles, measure: async () => measured }
  const answer = (answers: readonly PlacedResult[]) => ({ id: '', rows: rows.count, answers })
  const transport = {
    send: async () => answer(await sendSettled(rows, tools)),
    takeUp: async (_kind: unknown, _body: unknown, { begunAt }: { readonly begunAt: number }) =>
      ({ state: 'sent', sent: answer(await settleRows(rows, begunAt, tools)) }) as const,
  }
  if (tools.signal.aborted || (journal === undefined && isHeldBack())) return 'held back'
  const kind = { object: '', operation: '', externalIdField: undefined }
  const sent = await sendPiece(piece, kind, { transport, signal: tools.signal, journal, isHeldBack })
  return sent === 'held back' ? sent : (sent.answers ?? [])
}

/** A failure of a request as those who send rows know it. */
export function asNotSent(error: unknown): PartNotSent {
  if (error instanceof PartNotSent) return error
  const failure = error instanceof Error ? error : new Error(String(error))
  return new PartNotSent({ error: failure, mayHaveArrived: mayHaveArrived(error), id: undefined })
}
