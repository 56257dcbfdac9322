import { stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { ExpectedError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { LoadAccount } from '../load/run-load.ts'
import { type OperationName, operations } from '../operations.ts'
import type { Timeline } from '../report/timeline.ts'
import { writeReport } from '../report/write-report.ts'
import type { RunJournal } from '../runs/run-journal.ts'
import { renderPause } from '../ui/pause.ts'
import { renderSummary } from '../ui/summary.ts'
import type { CommandResult } from './command.ts'
import { describeError } from './describe-error.ts'
import { nameSource } from './name-source.ts'
import { quoteWords } from './quote-words.ts'
import { closeRecord, withResume } from './recorded-run.ts'
import type { WriteCall } from './run-write.ts'

/** A write that reached its account. */
export interface FinishedWrite {
  readonly account: LoadAccount
  readonly org: string
  /** As the org spells it. */
  readonly object: string
  readonly api: string
  /** Why it went by that API. */
  readonly apiReason?: string | undefined
  readonly apiCalls: number
  readonly bytesSent: number
  readonly journal: RunJournal
  /** Between the cells of the result files. */
  readonly delimiter: string
}

interface TimedWrite extends FinishedWrite {
  readonly run: string
  /** The line that sends an errors file the same way; undefined where there is none. */
  readonly again: (errors: string) => string | undefined
  readonly began: { readonly time: Date; readonly milliseconds: number }
  readonly timeline: Timeline
}

/** What the account needs of the call. */
interface ConcludedCall extends Pick<WriteCall, 'arguments' | 'io'> {
  readonly options: Pick<WriteCall['options'], 'success' | 'errors' | 'json' | 'where' | 'report' | 'undoes'>
}

interface Words {
  readonly line: (text: string) => void
  readonly conclude: (lines: readonly string[]) => void
}

/** Keeps the record of a write and tells its account: in lines on stderr, with `--json` as an object on stdout. */
export async function concludeWrite(
  operation: OperationName,
  call: ConcludedCall,
  write: TimedWrite,
  words: Words,
): Promise<CommandResult> {
  const { options, io } = call
  const { account, run, org, object, api, apiReason, apiCalls, bytesSent, began } = write
  const { rows, jobs, reasons, paused = false } = account
  const error = paused && account.error ? withResume(account.error, run) : account.error
  const [, input] = call.arguments
  const source = nameSource(call)
  const exitCode = exitCodes[account.exit].code
  const elapsedMs = Math.round(performance.now() - began.milliseconds)
  const files = {
    success: showPath(account.files.success, options.success ?? input, io.folder),
    errors: showPath(account.files.errors, options.errors ?? input, io.folder),
  }
  await keepRecord(write, exitCode, words)
  const { errors } = files
  const canBeMended = errors !== null && options.undoes === undefined && (await isFile(account.files.errors))
  const again = canBeMended ? write.again(errors) : undefined
  const summary = {
    run,
    operation: operations[operation],
    object,
    source,
    org,
    rows,
    files,
    reasons,
    apiCalls,
    bytesSent,
    elapsedMs,
    again,
  }
  const page = async (path: string): Promise<undefined> => {
    const { delimiter, timeline } = write
    const facts = { api, jobs, startedAt: began.time, timeline: timeline.points(), error: error?.message }
    await writeReport({ ...summary, ...facts, path: resolve(io.folder, path), delimiter, written: account.files })
  }
  if (paused) words.conclude(renderPause({ ...summary, jobs: jobs.length }))
  else words.conclude(renderSummary(summary, io.stderr.columns || 80))
  if (paused && error === undefined && !options.json) io.stdout.write(`${run}\n`)
  if (options.json) {
    const counts = {
      run,
      operation,
      sobject: object,
      api,
      apiReason,
      org,
      jobs,
      rows,
      files,
      apiCalls,
      bytesSent,
      elapsedMs,
      exitCode,
    }
    io.stdout.write(`${JSON.stringify(error === undefined ? counts : { ...counts, error: describeError(error) })}\n`)
  }
  // The account has been given by now: a page that cannot be written is the error of the program, not of the run.
  const fault = options.report !== undefined && !paused ? await page(options.report).catch(expected) : undefined
  return error ?? fault ?? exitCode
}

/** Neither stdout nor a device, which keep nothing that could be sent again. */
async function isFile(path: string | null): Promise<boolean> {
  if (path === null || path === '-') return false
  return (await stat(path).catch(() => undefined))?.isFile() === true
}

function expected(error: unknown): ExpectedError {
  if (error instanceof ExpectedError) return error
  throw error
}

async function keepRecord(write: FinishedWrite, exitCode: number, { line }: Words): Promise<void> {
  const { journal, account, apiCalls, bytesSent } = write
  try {
    await closeRecord(journal, account, { apiCalls, bytesSent, exitCode })
  } catch (error) {
    // The rows are where they are: that the record lacks its end must not make the run a failure.
    line(`the record of this run could not be closed: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** A result file as the user would name it: relative where what was typed is. */
export function showPath(path: string | null, typed: string | undefined, folder: string): string | null {
  if (path === null || path === '-') return path
  return typed !== undefined && isAbsolute(typed) ? path : relative(folder, path)
}

/**
 * The line that sends the errors file the same way. Its encoding is UTF-8 whatever the input's was. None where the values were
 * those of `--set`, which the file does not hold.
 */
export function renderAgain(
  operation: OperationName,
  { arguments: [object = ''], options }: WriteCall,
  errors: string,
): string | undefined {
  if (options.set !== undefined) return undefined
  const words = [operation, object, errors]
  if (options.externalId !== undefined) words.push('-i', options.externalId)
  if (options.targetOrg !== undefined) words.push('-o', options.targetOrg)
  if (options.mapping !== undefined) words.push('--mapping', options.mapping)
  for (const map of options.map ?? []) words.push('--map', map)
  if (options.columnDelimiter !== undefined) words.push('--column-delimiter', options.columnDelimiter)
  if (options.nullValue !== undefined) words.push('--null-value', options.nullValue)
  if (options.emptyAsNull) words.push('--empty-as-null')
  if (options.check === false) words.push('--no-check')
  if (options.onlyChanged) words.push('--only-changed')
  if (options.onlyEmpty) words.push('--only-empty')
  if (options.neverInsert) words.push('--never-insert')
  if (options.undo) words.push('--undo')
  if (options.api !== undefined && options.api !== 'auto') words.push('--api', options.api)
  if (options.assignmentRule !== undefined) words.push('--assignment-rule', options.assignmentRule)
  if (options.allOrNone) words.push('--all-or-none')
  if (options.allowDuplicates) words.push('--allow-duplicates')
  if (options.feedTracking === false) words.push('--no-feed-tracking')
  return `sfbulk ${quoteWords(words)}`
}
