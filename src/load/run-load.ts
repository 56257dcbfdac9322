import { type ExpectedError, RunError } from '../errors.ts'
import type { ExitName } from '../exit-codes.ts'
import { Account, type RejectReason, type RowCounts } from './account.ts'
import { cutParts, type OpenPart } from './cut-parts.ts'
import type { Report } from './events.ts'
import { finishFiles, spareFiles } from './finish-files.ts'
import { inOrder } from './in-order.ts'
import { joinPart } from './join-part.ts'
import { LentMemory } from './lent-memory.ts'
import type { LoadPlan } from './plan.ts'
import { sourceKeys } from './row-keys.ts'
import { StopReason } from './stop-reason.ts'
import { transmit } from './transmit.ts'
import type { Transport } from './transport.ts'
import { ResultWriter } from './write-results.ts'

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
}

export interface LoadTools {
  readonly transport: Transport
  readonly report: Report
  /** Aborted by Ctrl-C: nothing more is sent, jobs that run go on by themselves, what is known is written. */
  readonly signal: AbortSignal
}

/**
 * A load from its first row to its account:
 *
 * PARSE and MAP (`csv/scan`, `encode-row`) → CUT → SEND and WAIT (`transmit`, several at a time) → JOIN → FILES → ACCOUNT.
 *
 * Each stage pulls from the one before, so memory is bounded by the parts in flight, whatever the size of the input. Every row
 * ends in one of the two files also when the run breaks off: a row that was not sent says so, and the errors file is the
 * input of the next try.
 */
export async function runLoad(plan: LoadPlan, tools: LoadTools): Promise<LoadAccount> {
  const { source, encoder, success, errors } = plan
  const { transport, report, signal } = tools
  const stop = new StopReason(signal)
  const account = new Account()
  const writer = new ResultWriter(source, encoder, account, { success, errors })
  const jobs: string[] = []
  report({ type: 'started', source: source.name, size: source.size })

  try {
    const keys = await sourceKeys(plan.mapping, plan.nulls, encoder.computed)
    const memory = new LentMemory()
    const parts = cutParts(source, encoder, transport.limits, {
      onRead: (rows) => report({ type: 'read', rows, bytes: source.bytesRead() }),
      // Standard input may never end: after Ctrl-C it is not read any further.
      until: source.size === undefined ? signal : undefined,
      keys: transport.answers === 'echoed' && plan.mapping.key !== undefined ? keys : undefined,
    })
    const send = (part: OpenPart) => transmit(part, plan.kind, { transport, report, signal, stop })
    for await (const answered of inOrder(parts, plan.parallelJobs ?? transport.partsAtOnce, send)) {
      const { part, job } = answered
      if (job && job.id !== '') jobs.push(job.id)
      account.rows.sent += job ? part.sent : 0
      const { outcomes, fate } = await joinPart(answered, plan, { transport, stop, keys, memory })
      await writer.writePart(part, outcomes, fate)
      outcomes?.close()
      await source.release(part.to)
      report({ type: 'written', ...account.rows })
      if (plan.failFast && account.rows.rejected > 0) stop.atFirstReject()
    }
    if (await source.changed()) stop.because(sourceChanged(source.name))
    const files = await finishFiles(writer, plan)
    return settle(account, jobs, files, stop.error)
  } catch (error) {
    await spareFiles(plan)
    throw withJobs(error, jobs)
  } finally {
    await source.close()
  }
}

/** The verdict on a run that reached its end, or was stopped in good order. */
export function settle(
  account: Account,
  jobs: readonly string[],
  files: LoadAccount['files'],
  stopped: ExpectedError | undefined,
): LoadAccount {
  const { rows } = account
  const error = stopped ?? (account.balanced ? unknownRows(rows) : unbalanced(rows))
  const exit = error?.exit ?? (rows.rejected + rows.unprocessed > 0 ? 'rejected' : 'done')
  return { rows, jobs, files, reasons: account.reasons(), error, exit }
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
