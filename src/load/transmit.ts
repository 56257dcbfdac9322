import { RunError, UnfinishedError } from '../errors.ts'
import { findRemedy } from '../org/retry-table.ts'
import { RecordFailed } from '../runs/journal-file.ts'
import { pieceKey } from '../runs/run-entries.ts'
import type { OpenPart } from './cut-parts.ts'
import type { Report } from './events.ts'
import type { Part } from './part.ts'
import { finishPiece, PieceLost, type PieceTools, ResumeDiffers, sendPiece, TakeUpFailed } from './send-piece.ts'
import { behindReject, type StopReason } from './stop-reason.ts'
import { type PartEnd, type PartKind, PartNotSent, type SendFailure, type SentPart } from './transport.ts'

/** A part after its journey: with a job and an end when all went well. */
export interface AnsweredPart {
  readonly part: Part
  /** The job, when one took the part. */
  readonly job: SentPart | undefined
  /** How the job ended; undefined when that is not known. */
  readonly end: PartEnd | undefined
  /** Why the part was not sent; undefined for one that was, and for one without a row to send. */
  readonly failure: SendFailure | undefined
  /** Why it was held back: `the run was interrupted`. */
  readonly withheld: string | undefined
  /** Why the end of its job is not known. */
  readonly waitFailure?: unknown
}

export interface TransmitTools extends PieceTools {
  readonly report: Report
  readonly stop: StopReason
  /** `--async`: the end of a job is not waited for. */
  readonly submitOnly: boolean
  /** Told when the job of a part is waited for. */
  readonly onWait: (part: Part) => void
}

/**
 * SEND and WAIT: one part to the service until its job has ended. What goes wrong is part of the answer, but for failures
 * after which nothing may be concluded: of the journal, and of an input or mapping that is not what it was. They are thrown.
 */
export async function transmit(open: OpenPart, kind: PartKind, tools: TransmitTools): Promise<AnsweredPart> {
  const { report, signal, stop, journal } = tools
  const key = pieceKey(open.number)
  const isBegun = journal?.past?.pieces.has(key) === true
  const nothing = { job: undefined, end: undefined, failure: undefined, withheld: undefined }
  if (stop.stopped && (signal.aborted || !isBegun))
    return { ...nothing, part: await open.finishCut(), withheld: stop.words }
  if (open.isBehindReject) return { ...nothing, part: await open.finishCut(), withheld: behindReject }
  if (open.empty) return { ...nothing, part: await open.finishCut() }

  const piece = { key, from: open.from, body: open.body, measure: () => open.finishCut() }
  let sent: SentPart
  try {
    const answered = await sendPiece(piece, kind, { ...tools, isHeldBack: () => stop.stopped })
    if (answered === 'held back') return { ...nothing, part: await open.finishCut(), withheld: stop.words }
    sent = answered
  } catch (error) {
    if (error instanceof RecordFailed || error instanceof ResumeDiffers) throw error
    if (error instanceof TakeUpFailed) throw error.cause
    if (error instanceof PieceLost) stop.note(error.failure.error)
    else if (!signal.aborted) stop.because(error instanceof PartNotSent ? error.failure.error : error)
    const failure =
      error instanceof PartNotSent ? error.failure : { error: asError(error), mayHaveArrived: false, id: undefined }
    return { ...nothing, part: await open.finishCut(), failure }
  }
  const part = await open.finishCut()
  const job = { ...sent, rows: part.sent }
  report({ type: 'job-started', part: part.number, job: job.id, rows: part.sent, bytes: part.bytes })
  if (tools.submitOnly) return { ...nothing, part, job }
  try {
    const finishing = finishPiece(key, job, tools)
    tools.onWait(part)
    const end = await finishing
    if (end.state !== 'complete') stopOnFailedJob(end, job, stop)
    return { ...nothing, part, job, end }
  } catch (error) {
    if (error instanceof RecordFailed) throw error
    stop.because(error)
    return { ...nothing, part, job, waitFailure: error }
  }
}

/**
 * A job that failed before its first row fails for a cause that the next one shares; later on the cause may be its own. With a
 * limit of the day used up no job gets through, but tomorrow's do.
 */
export function stopOnFailedJob(end: PartEnd, job: SentPart, stop: StopReason): void {
  const limit = findLimit(end.errorMessage)
  const error = jobFailed(end, job, limit?.hint)
  if (limit !== undefined) {
    stop.note(error)
    stop.untilLater(new UnfinishedError(error.message, limit))
  } else if (end.accepted + end.rejected === 0) stop.because(error)
  else stop.note(error)
}

/** The limit of the day that a job has met: `ExceededQuota : ApiBatchItems Limit exceeded`; undefined for any other message. */
function findLimit(message = ''): { readonly code: string; readonly hint: string | undefined } | undefined {
  const [, code = ''] = /^(\w+)\s*:/.exec(message) ?? []
  const remedy = findRemedy({ code, message, status: undefined })
  return remedy.kind === 'end' && remedy.exit === 'unfinished' ? { code, hint: remedy.hint } : undefined
}

/** `limitHint`: when a limit lets the rows through that it kept back. */
function jobFailed(end: PartEnd, job: SentPart, limitHint: string | undefined): RunError {
  const how = end.state === 'aborted' ? 'was aborted in the org' : 'failed'
  return new RunError(`job ${job.id} ${how}${end.errorMessage ? `: ${end.errorMessage}` : ''}`, {
    code: end.state === 'aborted' ? 'JOB_ABORTED' : 'JOB_FAILED',
    hint: `the rows that it left are in the errors file: ${
      limitHint === undefined ? 'mend the cause and send that file again' : `send that file again\n${limitHint}`
    }`,
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
