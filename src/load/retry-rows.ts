import { setTimeout as wait } from 'node:timers/promises'
import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import { findRowRemedy, rowRounds } from '../org/retry-table.ts'
import { RecordFailed } from '../runs/journal-file.ts'
import { pieceKey } from '../runs/run-entries.ts'
import { digestMaker } from './digest.ts'
import type { Report } from './events.ts'
import { type Outcomes, outcome } from './outcomes.ts'
import type { Part } from './part.ts'
import type { LoadPlan } from './plan.ts'
import { cutRetryPieces, type RetryPiece, type WaitingRows } from './retry-pieces.ts'
import { openRowNames } from './row-names.ts'
import {
  finishPiece,
  type Piece,
  PieceLost,
  type PieceTools,
  ResumeDiffers,
  sendPiece,
  TakeUpFailed,
} from './send-piece.ts'
import type { StopReason } from './stop-reason.ts'
import { stopOnFailedJob } from './transmit.ts'
import {
  type EchoedResults,
  PartNotSent,
  type PlacedResult,
  type SendFailure,
  type SentPart,
  type Transport,
} from './transport.ts'

export interface RetryTools extends PieceTools {
  readonly report: Report
  readonly stop: StopReason
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. Default: real time. */
  readonly pause?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined
}

/**
 * RETRY: sends those rows of a part once more that were rejected for a cause that passes: another transaction held a lock,
 * or too many rows shared one. Only them, one job at a time, fewer of them at a time each round, as often as the plan allows;
 * their outcomes take the place of the earlier ones. What is rejected in the last round stays so.
 *
 * Throws what `sendPiece` throws of the journal. What else goes wrong is part of the outcome: rows of which nothing is known
 * then say so.
 */
export async function retryRows(
  part: Part,
  outcomes: Outcomes,
  plan: LoadPlan,
  tools: RetryTools,
): Promise<RetriedRows> {
  const { stop, signal, report, transport, pause = pauseReally } = tools
  const jobs: string[] = []
  for (let round = 1; round <= plan.lockRetries; round++) {
    const waiting = findWaiting(outcomes)
    if (waiting.size === 0) break
    const { pause: milliseconds, ...most } = rowRounds[Math.min(round, rowRounds.length) - 1]!
    const rows = waiting.size === 1 ? '1 row meets' : `${waiting.size} rows meet`
    const text = `${rows} a lock or a limit that passes: sent again, round ${round} of ${plan.lockRetries}`
    report({ type: 'note', text })
    if (!stop.stopped) await pause(milliseconds, signal)
    let number = 0
    for await (const piece of cutRetryPieces(plan, part, waiting, transport.limits, most)) {
      const key = pieceKey(part.number, round, ++number)
      const { job, isOpen, failure, waitFailure } = await sendAgain(key, piece, part, outcomes, plan, tools)
      if (job !== '') jobs.push(job)
      if (isOpen) return { jobs, brokeOff: true, failure, waitFailure }
    }
  }
  return { jobs, brokeOff: false }
}

export interface RetriedRows {
  /** Ids of the jobs. */
  readonly jobs: readonly string[]
  /** Whether the run stopped before all rounds were over. */
  readonly brokeOff: boolean
  /** Why rows were not sent, or why the end of their job or its answers are not known. */
  readonly failure?: SendFailure | undefined
  readonly waitFailure?: unknown
}

function findWaiting(outcomes: Outcomes): WaitingRows {
  const waiting = new Map<number, NonNullable<ReturnType<typeof findRowRemedy>>>()
  for (let row = 0; row < outcomes.rows; row++) {
    if (outcomes.status(row) !== outcome.rejected) continue
    const remedy = findRowRemedy(outcomes.text(row)?.toString() ?? '')
    if (remedy !== undefined) waiting.set(row, remedy)
  }
  return waiting
}

async function sendAgain(
  key: string,
  piece: RetryPiece,
  part: Part,
  outcomes: Outcomes,
  plan: LoadPlan,
  tools: RetryTools,
): Promise<SentAgain> {
  const { transport, stop, journal } = tools
  const isBegun = journal?.past?.pieces.has(key) === true
  if (stop.stopped && !isBegun) return { job: '', isOpen: true }
  const left = new Set(piece.rows)
  let sent: SentPart | undefined
  try {
    const isHeldBack = () => stop.stopped
    const taken = await sendPiece(await asPiece(key, piece, part, transport), plan.kind, { ...tools, isHeldBack })
    if (taken === 'held back') return { job: '', isOpen: true }
    sent = { ...taken, rows: piece.rows.length }
    const end = await finishPiece(key, sent, tools)
    for await (const answers of transport.results(sent, end, piece.rows.length)) {
      if ('placed' in answers) storePlaced(answers.placed, piece, outcomes, left)
      else await storeEchoed(answers, piece, outcomes, left, plan)
    }
    if (end.state !== 'complete') stopOnFailedJob(end, sent, stop)
    markUnknown(left, outcomes, `job ${sent.id} took the row once more and gave no answer for it`)
    return { job: sent.id, isOpen: false }
  } catch (error) {
    if (error instanceof RecordFailed || error instanceof ResumeDiffers) throw error
    if (error instanceof TakeUpFailed) throw error.cause
    const failure = error instanceof PartNotSent ? error.failure : undefined
    const cause = failure?.error ?? error
    if (error instanceof PieceLost) stop.note(cause)
    else stop.because(cause)
    const reason = cause instanceof Error ? cause.message : String(cause)
    if (sent !== undefined) markUnknown(left, outcomes, `job ${sent.id} took the row once more: ${reason}`)
    else if (failure?.mayHaveArrived) markUnknown(left, outcomes, `the service may have taken the row: ${reason}`)
    const isOpen = !(error instanceof PieceLost)
    return { job: sent?.id ?? '', isOpen, failure, waitFailure: sent && cause }
  }
}

interface SentAgain extends Pick<RetriedRows, 'failure' | 'waitFailure'> {
  /** Empty where there is none. */
  readonly job: string
  /** Whether the rows are still on their way, or were held back. */
  readonly isOpen: boolean
}

async function asPiece(key: string, { csv, rows }: RetryPiece, part: Part, transport: Transport): Promise<Piece> {
  const digest = (await digestMaker())()
  digest.update(csv)
  const measure = { to: part.to, rows: rows.length, sent: rows.length, bytes: csv.length, digest: digest.end() }
  const whole = csv.length <= transport.limits.smallBytes ? csv : undefined
  const body = {
    whole,
    async *stream() {
      yield csv
    },
  }
  return { key, from: part.from, body, measure: async () => measure }
}

function storePlaced(
  placed: readonly PlacedResult[],
  { rows }: RetryPiece,
  outcomes: Outcomes,
  left: Set<number>,
): void {
  for (const { row: place, verdict, id, created, error } of placed) {
    const row = rows[place]
    if (row === undefined || !left.delete(row) || verdict === 'unprocessed') continue
    store(outcomes, row, { verdict, id, created, error })
  }
}

async function storeEchoed(
  { verdict, header, records }: EchoedResults,
  { names }: RetryPiece,
  outcomes: Outcomes,
  left: Set<number>,
  { mapping }: LoadPlan,
): Promise<void> {
  const nameRow = await openRowNames(mapping, header)
  if (nameRow === undefined) return
  const cells = header.map((name) => name.toLowerCase())
  const [id, created, error] = ['sf__id', 'sf__created', 'sf__error'].map((name) => cells.indexOf(name))
  for (let record = 0; record < records.count; record++) {
    const row = names.get(nameRow(records, record))
    if (row === undefined || !left.delete(row) || verdict === 'unprocessed') continue
    store(outcomes, row, {
      verdict,
      id: readCell(records, record, id),
      created: readCell(records, record, created) === 'true',
      error: readCell(records, record, error),
    })
  }
}

function readCell(records: RecordBlock, record: number, column = -1): string {
  return column < 0 ? '' : cellText(records, records.firstCell[record]! + column)
}

/** A row that was left unprocessed, of a job that failed, keeps the answer that it had: nothing has been written. */
function store(outcomes: Outcomes, row: number, answer: Omit<PlacedResult, 'row'>): void {
  const id = Buffer.from(answer.id, 'latin1')
  outcomes.setId(row, id, 0, id.length)
  if (answer.verdict === 'accepted') outcomes.setStatus(row, answer.created ? outcome.created : outcome.changed)
  // Texts are kept with their quotes doubled, as they stand in a file.
  else outcomes.setText(row, Buffer.from(answer.error.replaceAll('"', '""')))
}

function markUnknown(rows: ReadonlySet<number>, outcomes: Outcomes, reason: string): void {
  const text = Buffer.from(
    `UNKNOWN:${reason}; look the record up in the org before sending it again`.replaceAll('"', '""'),
  )
  for (const row of rows) {
    outcomes.setStatus(row, outcome.ambiguous)
    outcomes.setText(row, text)
  }
}

async function pauseReally(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
