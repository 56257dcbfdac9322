import type { Clock } from '../bulk/clock.ts'
import { fetchJob, type JobInfo } from '../bulk/job-info.ts'
import { type Wait, waitForEnd } from '../bulk/poll.ts'
import { createQueryJob } from '../bulk/query-job.ts'
import { ApiError, RunError } from '../errors.ts'
import { callLimitReached } from '../org/budget.ts'
import type { Org } from '../org/org.ts'
import { settleAll } from '../settle-all.ts'
import type { ReportExtract } from './events.ts'
import { expandCompoundFields } from './expand-compound.ts'
import { explainRefusal, isRefusedQuery, narrowHint } from './explain-refusal.ts'
import { parseSoql } from './read-soql.ts'
import { formatRow } from './rename-header.ts'
import { findColumns } from './rest-columns.ts'
import type { RowOutput } from './row-output.ts'
import { writePages } from './write-pages.ts'

/** The query as far as those who answer it need it. */
export interface Question {
  readonly soql: string
  readonly all: boolean
  /** All rows, where their number is known beforehand: the wait for a job is then planned by it. */
  readonly rows?: number | undefined
  /** The job that an earlier process started for it. */
  readonly job?: string | undefined
}

export interface AnswerTools {
  readonly org: Org
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly deadline?: number | undefined
  readonly parallelPages: number
  readonly report: ReportExtract
  readonly onJob: (id: string) => void
  /** Told when a job has been started; no page is fetched before it resolves. */
  readonly onStarted?: ((id: string) => Promise<void>) | undefined
  /** Told of the rows of each page when it is written, and of all rows where they are known. */
  readonly onPage: (rows: number, total: number | undefined) => void
}

/**
 * Writes the rows of a query by a Bulk API 2.0 job. The job stays on the server, which removes it after seven days:
 * deleting it would cost a call.
 */
export async function runQueryJob(question: Question, output: RowOutput, tools: AnswerTools): Promise<void> {
  const { org, report } = tools
  const reserve = reservePages(org)
  const began = tools.clock.now()
  const id = question.job ?? (await startQuery(question, tools)).id
  const isNew = question.job === undefined
  const sendTime = isNew ? tools.clock.now() - began : undefined
  const recorded = isNew ? tools.onStarted?.(id) : undefined
  tools.onJob(id)
  const onState = (state: JobInfo) =>
    report({ type: 'job-state', job: id, state: state.state, processed: state.numberRecordsProcessed ?? 0 })
  const wait = { ...tools, rows: question.rows, sendTime, reserve, onState }
  const ended = await waitRecorded(org, id, wait, recorded).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 404 ? jobGone(id, error) : error
  })
  if (ended.state !== 'JobComplete') throw notAnswered(ended)
  const total = ended.numberRecordsProcessed
  let rows = 0
  const onPage = (rowsOfPage: number) => {
    rows += rowsOfPage
    tools.onPage(rowsOfPage, total)
  }
  const nameColumns = () => headerOfSelect(question.soql)
  await writePages(org, { id, rows: total }, output, { ...tools, onPage, nameColumns }).catch((error: unknown) => {
    throw error instanceof ApiError && error.status === 404 ? resultGone(id, error) : error
  })
  if (total === undefined || rows === total) return
  // The counter of a job that has just ended may be behind its result.
  const counted = rows < total ? total : (await fetchJob(org, 'query', id, tools.signal)).numberRecordsProcessed
  if (rows !== counted) throw rowsMissing(id, rows, counted ?? total)
}

/** The header line of a result that came without one, as some do that have no rows. Empty where the SELECT does not tell. */
async function headerOfSelect(soql: string): Promise<Uint8Array> {
  return Buffer.from(formatRow(findColumns(await parseSoql(soql), undefined).map(({ name }) => name)))
}

/**
 * Waits for the end of a job while it is being written down, which takes the disk about as long as an org nearby takes for a small
 * query. A job that is not on record is not waited for: throws what `recorded` throws.
 */
async function waitRecorded(org: Org, id: string, wait: Wait, recorded: Promise<void> | undefined): Promise<JobInfo> {
  const unrecorded = new AbortController()
  const signal = AbortSignal.any([wait.signal, unrecorded.signal])
  const noted = recorded?.catch((error: unknown) => {
    unrecorded.abort()
    throw error
  })
  const [, ended] = await settleAll([noted, waitForEnd(org, 'query', id, { ...wait, signal })])
  return ended
}

/** Keeps back the call for a page of the result. Throws `UnfinishedError` when that and what goes before it is not left. */
function reservePages(org: Org): NonNullable<Wait['reserve']> {
  const stop = (what: string) => callLimitReached(org.callLimits, org.usage, what)
  if (org.callsLeft() < leastCalls) throw stop(`a query job needs ${leastCalls} calls, so none is begun`)
  return {
    isScarce: () => org.callsLeft() < leastCalls + 1,
    beforePoll() {
      if (org.callsLeft() < 2) throw stop('the query job goes on by itself')
    },
  }
}

/** Codes of the errors after which no job is left whose result could be fetched later. */
export const queryEnds = { failed: 'QUERY_FAILED', aborted: 'QUERY_ABORTED', gone: 'JOB_GONE' } as const

/** Create, one question for the state, one page. */
const leastCalls = 3

/** A SELECT with compound fields is refused; only then is it worth a describe to put their parts in their place. */
async function startQuery({ soql, all }: Question, { org, report, signal }: AnswerTools): Promise<JobInfo> {
  try {
    return await createQueryJob(org, soql, all, signal)
  } catch (error) {
    if (!isRefusedQuery(error)) throw error
    const expanded = refusedAsWhole.has(error.errorCode) ? await expandCompoundFields(org, soql) : undefined
    if (expanded === undefined) throw explainRefusal(error, soql)
    for (const { field, parts } of expanded.expanded) {
      report({ type: 'note', text: `${field} is read as ${parts.join(', ')}` })
    }
    return await createQueryJob(org, expanded.soql, all, signal).catch((again: unknown) => {
      throw isRefusedQuery(again) ? explainRefusal(again, expanded.soql) : again
    })
  }
}

/** Codes under which the service refuses SOQL that is sound but not supported by Bulk; the texts are translated. */
const refusedAsWhole: ReadonlySet<string> = new Set(['API_ERROR', 'FUNCTIONALITY_NOT_ENABLED', 'FEATURENOTENABLED'])

function jobGone(id: string, cause: ApiError): RunError {
  return new RunError(`query job ${id} is not in the org any more`, {
    code: queryEnds.gone,
    hint: 'it was deleted, or its seven days are over: run the query again',
    cause,
  })
}

/** Another reading, from the first page on, may find all of them. */
function resultGone(id: string, cause: ApiError): RunError {
  return new RunError(`a page of the result of query job ${id} is not in the org any more`, {
    code: 'RESULT_GONE',
    hint: 'where the job was deleted, or its seven days are over, run the query again',
    cause,
  })
}

function notAnswered(job: JobInfo): RunError {
  if (job.state === 'Aborted') {
    return new RunError(`query job ${job.id} was aborted`, { code: queryEnds.aborted, hint: 'run the query again' })
  }
  const reason = job.errorMessage ?? `its state is ${job.state}`
  return new RunError(`query job ${job.id} has no result: ${reason}`, {
    code: queryEnds.failed,
    hint: narrowHint,
  })
}

function rowsMissing(id: string, rows: number, total: number): RunError {
  return new RunError(`query job ${id} has ${total} rows, but ${rows} arrived`, {
    code: 'ROWS_MISSING',
    hint: 'run the query again',
  })
}
