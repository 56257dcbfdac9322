import { ExpectedError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { ExtractSummary } from '../extract/extract.ts'
import { queryEnds } from '../extract/run-query-job.ts'
import type { StartedEntry } from '../runs/run-entries.ts'
import { pieceKey } from '../runs/run-entries.ts'
import { beginJournal, type RunJournal } from '../runs/run-journal.ts'
import { describeError } from './describe-error.ts'
import { withResume } from './recorded-run.ts'

type Outcome = Pick<ExtractSummary, 'jobs' | 'rows' | 'bytes' | 'pages' | 'files' | 'apiCalls'>

/** Codes of errors that would come again: the job has no result, or the call asks for columns that it does not have. */
const noResult: ReadonlySet<string> = new Set([...Object.values(queryEnds), 'UNKNOWN_COLUMN', 'NOTHING_MAPPED'])

/**
 * The record of a query. It is begun when a job has been started: a query that is answered at once can be asked again for
 * nothing. Should the process die before the job's id is known, that job is found by nobody and changes nothing.
 */
export class QueryRecord {
  readonly #home: string
  readonly #started: StartedEntry
  #journal: RunJournal | undefined
  #job: string | undefined

  /** `resumed`: the journal of the run that is carried on. */
  constructor(home: string, started: StartedEntry, resumed: RunJournal | undefined) {
    this.#home = home
    this.#started = started
    this.#journal = resumed
    this.#job = this.job
  }

  /** Id of the run; undefined for a query that needed no job. */
  get run(): string | undefined {
    return this.#journal && this.#started.run
  }

  /** The job that an earlier process started. */
  get job(): string | undefined {
    return this.#journal?.past?.pieces.get(pieceKey(1))?.job
  }

  /** Writes down that a job has been started. */
  async begin(job: string): Promise<void> {
    this.#job = job
    this.#journal ??= await beginJournal(this.#home, this.#started)
    const key = pieceKey(1)
    await Promise.all([
      this.#journal.append({ type: 'sending', key, from: { offset: 0, line: 1 }, digest: null, rows: null }),
      this.#journal.append({ type: 'job', key, job }),
    ])
  }

  /** Writes down that all rows are written, before the mark of an incremental query moves. */
  async complete({ rows, bytes, pages }: ExtractSummary): Promise<void> {
    await this.#journal?.append({ type: 'completing', success: bytes, errors: 0, output: { rows, bytes, pages } })
  }

  /** Writes down the end. */
  async finish({ jobs, rows, bytes, pages, files, apiCalls }: Outcome, error?: ExpectedError): Promise<void> {
    await this.#journal?.append({
      type: 'finished',
      exitCode: error?.exitCode ?? exitCodes.done.code,
      jobs,
      rows: { read: rows },
      files: { success: files[0] ?? null, errors: null },
      apiCalls,
      bytesSent: 0,
      error: error === undefined ? null : describeError(error),
      output: { bytes, pages },
    })
    await this.#journal?.close()
  }

  /** Writes down why the query broke off, and gives the error with the way to go on, where there is one. */
  async pause(error: unknown, apiCalls: number): Promise<unknown> {
    if (this.#journal === undefined) return error
    if (error instanceof ExpectedError && noResult.has(error.code)) {
      const jobs = this.#job === undefined ? [] : [this.#job]
      const counts = { rows: 0, bytes: 0, pages: 0 }
      await this.finish({ ...counts, jobs, files: [], apiCalls }, error).catch(() => {})
      return error
    }
    const exitCode = error instanceof ExpectedError ? error.exitCode : exitCodes.failed.code
    await this.#journal.append({ type: 'paused', exitCode, rows: {}, error: describeError(error) }).catch(() => {})
    await this.#journal.close()
    const canResume = this.#journal.canResume && error instanceof ExpectedError
    return canResume ? withResume(error, this.#started.run) : error
  }
}
