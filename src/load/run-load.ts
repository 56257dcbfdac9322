import { type ExpectedError, RunError, UsageError } from '../errors.ts'
import type { ExitName } from '../exit-codes.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import { settleAll } from '../settle-all.ts'
import { Account, type RejectReason, type RowCounts } from './account.ts'
import { chooseKeys } from './choose-keys.ts'
import { cutParts, type OpenPart } from './cut-parts.ts'
import { digestMaker } from './digest.ts'
import type { Report } from './events.ts'
import { finishFiles, spareFiles, suspendFiles } from './finish-files.ts'
import { inOrder } from './in-order.ts'
import { joinPart } from './join-part.ts'
import { JoinTable } from './join-table.ts'
import { LentMemory } from './lent-memory.ts'
import { NextTable } from './next-table.ts'
import { PageFile } from './page-file.ts'
import { forgetRows, type Part } from './part.ts'
import type { LoadPlan } from './plan.ts'
import { findFullOrg, judgeRejects } from './reject-limit.ts'
import { type RetryTools, retryRows } from './retry-rows.ts'
import { sourceKeys } from './row-keys.ts'
import { RunProgress } from './run-progress.ts'
import { StopReason } from './stop-reason.ts'
import { type AnsweredPart, transmit } from './transmit.ts'
import type { Transport } from './transport.ts'
import { ResultWriter } from './write-results.ts'
import type { WrittenIds } from './written-ids.ts'

/** What came of a load. */
export interface LoadAccount {
  readonly rows: Readonly<RowCounts>
  /** Ids of the jobs, in the order of the input. */
  readonly jobs: readonly string[]
  /** Paths of the result files; null where there is none, `-` for standard output. */
  readonly files: { readonly success: string | null; readonly errors: string | null }
  readonly reasons: readonly RejectReason[]
  /** What ended the run before its time, or went wrong with a part of it. */
  readonly error: ExpectedError | undefined
  readonly exit: ExitName
  /**
   * Whether it stopped before its end and can be carried on: then there are no result files yet, and the rows that are under
   * way count as unknown.
   */
  readonly paused?: boolean
}

export interface LoadTools {
  readonly transport: Transport
  readonly report: Report
  /** Aborted by Ctrl-C: nothing more is sent, jobs that run go on by themselves. */
  readonly signal: AbortSignal
  /** Where the run writes down its steps. Without it, it cannot be carried on. */
  readonly journal?: RunJournal | undefined
  /** `--async`: send everything, and leave the answers to a run that is carried on. */
  readonly submitOnly?: boolean | undefined
  /** Where the Ids of the records that are written are kept, for an undo. */
  readonly written?: WrittenIds | undefined
  /** See `RetryTools`. */
  readonly pause?: RetryTools['pause']
}

/**
 * A load from its first row to its account:
 *
 * PARSE and MAP (`csv/scan`, `encode-row`) → CUT → SEND and WAIT (`transmit`, several at a time) → JOIN → RETRY → FILES → ACCOUNT.
 *
 * Each stage pulls from the one before, so memory is bounded by the parts in flight, whatever the size of the input. Every row
 * ends in one of the two files also when the run fails: a row that was not sent says so, and the errors file is the
 * input of the next try. A run that stops and can be carried on leaves both files under their temporary names, as far as
 * they are; the next process begins at the last part that is in them.
 */
export async function runLoad(plan: LoadPlan, tools: LoadTools): Promise<LoadAccount> {
  const { source, encoder, success, errors } = plan
  const { transport, report, signal, journal, submitOnly = false } = tools
  const stop = new StopReason(signal)
  const progress = new RunProgress(journal, plan, stop, transport.answers === 'echoed')
  const account = new Account(progress.written)
  const writer = new ResultWriter(source, encoder, account, { success, errors }, progress.written !== undefined)
  const memory = new LentMemory()
  const pages = new PageFile(plan.spoolFolder)
  const jobs: string[] = []
  let hasSent = progress.written !== undefined
  let isCutShort = false
  report({ type: 'started', source: source.name, size: source.size })

  try {
    const keys = await sourceKeys(plan.mapping, plan.nulls, encoder.computed, false, encoder.blanks)
    const parts = cutParts(source, encoder, transport.limits, {
      // Bytes are read ahead of the rows; those of a compressed file are fewer than its rows have.
      onRead: (rows, end) => report({ type: 'read', rows, bytes: Math.min(source.bytesRead(), end) }),
      // Standard input may never end: after Ctrl-C it is not read any further. What an earlier process kept of it does end.
      until: source.size === undefined && journal?.past === undefined ? signal : undefined,
      onLeft: () => {
        isCutShort = true
      },
      onBroken: (error) => stop.because(error),
      keysFrom: transport.answers === 'echoed' ? chooseKeys(plan.mapping, keys) : undefined,
      pages,
      digest: journal === undefined ? undefined : await digestMaker(),
      endsAtReject: plan.failFast,
      start: progress.start,
    })
    const pieceTools = { transport, report, signal, stop, journal, submitOnly }
    const tables = new NextTable(progress.start?.number ?? 1, (part, options) =>
      JoinTable.build(source, part, encoder, keys, memory, options),
    )
    const onWait = (part: Part) => (transport.answers === 'echoed' ? tables.begin(part) : undefined)
    const send = async (part: OpenPart) => {
      try {
        const answered = await (progress.skip(part) ?? transmit(part, plan.kind, { ...pieceTools, onWait }))
        hasSent ||= answered.job !== undefined
        return answered
      } catch (error) {
        part.giveUp()
        throw error
      }
    }
    // Also those that an earlier process has counted.
    stopAtRejects(plan, account, stop)
    const width = plan.parallelJobs ?? transport.partsAtOnce
    for await (const answered of settling(inOrder(parts, width, send), tables)) {
      const { part, job } = answered
      if (job && job.id !== '') jobs.push(job.id)
      if (progress.isWritten(part) || progress.isPending(answered, submitOnly)) continue
      const { outcomes, fate, failure } = await joinPart(answered, plan, { transport, stop, tables, memory })
      if (failure !== undefined && progress.isUnfetched(answered, failure)) continue
      // Once answers are refused, nothing more is sent.
      const isWhole = outcomes !== undefined && failure === undefined
      const retried = isWhole ? await retryRows(part, outcomes, plan, { ...pieceTools, pause: tools.pause }) : undefined
      jobs.push(...(retried?.jobs ?? []))
      if (retried?.brokeOff && progress.isPending({ ...answered, ...retried, end: undefined }, submitOnly)) {
        outcomes?.close()
        continue
      }
      isCutShort ||= isLeftOpen(answered) || retried?.brokeOff === true
      account.rows.sent += job ? part.sent : 0
      await settleAll([outcomes && tools.written?.add(outcomes), writer.writePart(part, outcomes, fate)])
      outcomes?.close()
      await progress.note(part, account)
      report({ type: 'written', ...account.rows })
      stopAtRejects(plan, account, stop)
      const noRoom = findFullOrg(account)
      if (noRoom !== undefined) stop.untilLater(noRoom)
    }
    await progress.settle()
    if (await source.changed()) stop.because(sourceChanged(source.name))
    if (progress.pending) {
      await suspendFiles(plan)
      return pauseLoad(account, [...progress.earlierJobs, ...jobs], progress.pending, stop)
    }
    // Nothing was read of standard input, so there is nothing to give an account of.
    if (isCutShort && account.rows.read === 0 && stop.error !== undefined) throw stop.error
    if (plan.isCut) stop.note(inputCut(source.name, account.rows.read))
    const files = await finishFiles(writer, plan, journal)
    return settle(account, [...progress.earlierJobs, ...jobs], files, isCutShort ? stop.error : stop.failure)
  } catch (error) {
    // Steps that were still being written down come to their end before the files are closed.
    await progress.settle().catch(() => {})
    if (progress.canResume) await suspendFiles(plan)
    else await spareFiles(plan)
    const fault = hasSent ? asFailure(error) : error
    throw progress.canResume ? fault : withJobs(fault, jobs)
  } finally {
    memory.close()
    pages.close()
    await source.close()
  }
}

function stopAtRejects({ failFast, maxRejects }: LoadPlan, { rows }: Account, stop: StopReason): void {
  if (failFast && rows.rejected > 0) stop.atFirstReject()
  const tooMany = judgeRejects(maxRejects, rows)
  if (tooMany !== undefined) stop.atRejects(tooMany)
}

/** Whether a part was held back, or it is not known what became of it. */
export function isLeftOpen({ withheld, failure, waitFailure }: AnsweredPart): boolean {
  return withheld !== undefined || failure !== undefined || waitFailure !== undefined
}

/** When the next part is asked for, the rows of the one before are settled; when none is, no table is made any more. */
async function* settling(parts: AsyncIterable<AnsweredPart>, tables: NextTable): AsyncGenerator<AnsweredPart> {
  try {
    for await (const answered of parts) {
      yield answered
      await tables.settle(answered.part)
      forgetRows(answered.part)
    }
  } finally {
    await tables.close()
  }
}

/** The account of a run that waits for another process: what is under way is unknown so far. */
export function pauseLoad(
  account: Account,
  jobs: readonly string[],
  pending: { readonly rows: number; readonly sent: number },
  stop: StopReason,
): LoadAccount {
  const { read, sent, unknown, ...rest } = account.rows
  const rows = { ...rest, read: read + pending.rows, sent: sent + pending.sent, unknown: unknown + pending.rows }
  const error = stop.pause ?? faultOf(rows, stop.error)
  const files = { success: null, errors: null }
  return { rows, jobs, files, reasons: account.reasons(), error, exit: error?.exit ?? 'done', paused: true }
}

/** The verdict on a run that reached its end, or was stopped in good order. */
export function settle(
  account: Account,
  jobs: readonly string[],
  files: LoadAccount['files'],
  stopped: ExpectedError | undefined,
): LoadAccount {
  const { rows } = account
  const error = faultOf(rows, stopped) ?? (account.balanced ? unknownRows(rows) : unbalanced(rows))
  const exit = error?.exit ?? (rows.rejected + rows.unprocessed > 0 ? 'rejected' : 'done')
  return { rows, jobs, files, reasons: account.reasons(), error, exit }
}

function faultOf({ sent }: Readonly<RowCounts>, error: ExpectedError | undefined): ExpectedError | undefined {
  return sent > 0 ? asFailure(error) : error
}

/** Once rows have been sent, what is wrong with the rest of an input is a failure of the run: usage means that nothing was. */
export function asFailure<Fault>(error: Fault): Fault | RunError {
  if (!(error instanceof UsageError)) return error
  const { message, code, hint } = error
  return new RunError(message, { code, hint, cause: error })
}

function unknownRows({ unknown }: RowCounts): ExpectedError | undefined {
  if (unknown === 0) return undefined
  return new RunError(`the outcome of ${unknown} ${unknown === 1 ? 'row' : 'rows'} is unknown`, {
    code: 'UNKNOWN_ROWS',
    hint: 'the errors file says UNKNOWN: and why; look those records up in the org before sending them again',
  })
}

function unbalanced(rows: RowCounts): ExpectedError {
  return new RunError(`the account does not balance: ${JSON.stringify(rows)}`, {
    code: 'UNBALANCED',
    hint: 'compare the result files with the input before going on',
  })
}

export function inputCut(name: string, rows: number): ExpectedError {
  return new RunError(
    `${name} had not been read to its end when the run was broken off: its first ${rows} rows are accounted for`,
    {
      code: 'INPUT_CUT',
      hint: 'send the rows behind them with a new run',
    },
  )
}

/** The input is not the file any more that it was when it was opened. */
export function sourceChanged(name: string): ExpectedError {
  return new RunError(`${name} changed while it was being loaded`, {
    code: 'SOURCE_CHANGED',
    hint: 'the result files may hold rows of both states; compare them with the org',
  })
}

/** The jobs are told with a failure to write: their results stay on the server for seven days. */
function withJobs(error: unknown, jobs: readonly string[]): unknown {
  if (!(error instanceof RunError) || jobs.length === 0 || error.hint) return error
  return new RunError(error.message, {
    code: error.code,
    cause: error,
    hint:
      `the service keeps the results for 7 days: GET /services/data/v66.0/jobs/ingest/ID/successfulResults, ` +
      `failedResults and unprocessedrecords of ${jobs.join(', ')}`,
  })
}
