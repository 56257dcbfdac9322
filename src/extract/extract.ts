import { availableParallelism } from 'node:os'
import type { Writable } from 'node:stream'
import { type Clock, systemClock } from '../bulk/clock.ts'
import { UnfinishedError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { ClosedPipe } from './byte-sink.ts'
import type { ReportExtract } from './events.ts'
import { type OutputShape, openOutput } from './open-output.ts'
import { type OutputFiles, outputFiles } from './output-files.ts'
import { parsePlainQuery } from './plain-query.ts'
import { isWorthOnePage, longestPath, writePlainRows } from './plain-rows.ts'
import { needsSynchronousQuery, parseSoql } from './read-soql.ts'
import { findColumns } from './rest-columns.ts'
import { fetchQueryPages, queryPath } from './rest-pages.ts'
import { writeSynchronousRows } from './rest-rows.ts'
import type { RowOutput } from './row-output.ts'
import { type AnswerTools, runQueryJob } from './run-query-job.ts'

/** What is read and where it goes. */
export interface ExtractPlan extends OutputShape {
  /** Deleted and archived rows as well. */
  readonly all: boolean
  /** Path of a file, `.gz` to be compressed, or a stream that is left open. */
  readonly output: string | Writable
  /** `auto`, the default: a query of few rows is answered without a job. `bulk`: by a job, if Bulk can answer it. */
  readonly api?: 'auto' | 'bulk' | 'soap' | undefined
  /** The job that an earlier process started for the query: its result is fetched from the first page on. */
  readonly job?: string | undefined
}

export interface ExtractTools {
  readonly org: Org
  readonly signal: AbortSignal
  readonly report: ReportExtract
  /** Milliseconds since 1970 until which the query job is waited for. Default: until it ends. */
  readonly deadline?: number | undefined
  /** Told when a query job has been started; no page of its result is fetched before it resolves. */
  readonly onStarted?: ((job: string) => Promise<void>) | undefined
  /** Pages of the result that are read at a time. Default: 4, on two processors 3. */
  readonly parallelPages?: number | undefined
  readonly clock?: Clock | undefined
}

export interface ExtractSummary {
  /** Rows written. */
  readonly rows: number
  /** Bytes written, header lines included, before they were compressed. */
  readonly bytes: number
  readonly pages: number
  /** How the query was answered: by a job, or synchronously. */
  readonly api: 'bulk' | 'rest' | 'soap'
  /** For `--verbose` and `--json`: why. */
  readonly apiReason: string
  /** Ids of the query jobs; none when the query was answered at once. */
  readonly jobs: readonly string[]
  /** The files written; none for a stream. */
  readonly files: readonly string[]
  readonly apiCalls: number
  /** False when the reader of the stream had gone before the end: it has what it wanted. */
  readonly complete: boolean
}

/**
 * SOQL to CSV. A query of few rows is answered by a synchronous call or some; a larger one runs as a Bulk API 2.0 job whose
 * pages are streamed to the output. Either way rows are counted against the service's own count, and spelt the same. What
 * Bulk cannot answer is asked of the synchronous API.
 *
 * Throws `UsageError` for a query that Salesforce refuses or an output that cannot be opened, `UnfinishedError` when
 * interrupted or out of time, `RunError` when rows are missing; then a file keeps the name `<output>.partial`.
 */
export async function extract(plan: ExtractPlan, tools: ExtractTools): Promise<ExtractSummary> {
  const files = outputFiles(plan.output, plan.rowsPerFile !== undefined)
  const output = await openOutput({ ...plan, order: await findOrder(plan, tools.org) }, files, tools.org)
  const callsBefore = tools.org.usage.apiCalls
  const jobs: string[] = []
  let pages = 0
  let rows = 0
  let way: Way = { api: 'rest', reason: '' }
  const progress = {
    onJob: (job: string) => {
      jobs.push(job)
      tools.report({ type: 'job-started', job })
    },
    onPage: (rowsOfPage: number, total: number | undefined) => {
      pages++
      rows += rowsOfPage
      tools.report({ type: 'written', rows, bytes: output.bytes, total })
    },
  }
  const summary = (complete: boolean): ExtractSummary => ({
    rows: rows - output.dropped,
    bytes: output.bytes,
    pages,
    jobs,
    api: way.api,
    apiReason: way.reason,
    files: files.files,
    apiCalls: tools.org.usage.apiCalls - callsBefore,
    complete,
  })
  try {
    const { clock = systemClock, parallelPages = usualPages() } = tools
    way = await answer(plan, output, { ...tools, clock, parallelPages, ...progress })
    await output.finish()
    await files.finish()
    return summary(true)
  } catch (error) {
    await output.abandon()
    await keepWhatArrived(files, output.bytes, tools.report)
    if (error instanceof ClosedPipe) return summary(false)
    if (tools.signal.aborted && !(error instanceof UnfinishedError)) throw interrupted(error)
    throw error
  }
}

/**
 * Up to version 49.0 the columns of a job come in the order of the alphabet. Source: Bulk API 2.0 guide, "Get Results for a
 * Query Job".
 */
async function findOrder({ soql, format = 'csv' }: ExtractPlan, org: Org): Promise<readonly string[] | undefined> {
  if (format !== 'csv' || Number.parseFloat(org.apiVersion) >= 50) return undefined
  return findColumns(await parseSoql(soql), undefined).map(({ name }) => name)
}

/** Connections that wait for a processor get in each other's way: on two, 240 MB take 0.40 s with three and 0.43 s with four. */
function usualPages(): number {
  return Math.min(4, availableParallelism() + 1)
}

/** How a query was answered, and why so. */
interface Way {
  readonly api: 'bulk' | 'rest' | 'soap'
  readonly reason: string
}

async function answer(plan: ExtractPlan, output: RowOutput, tools: AnswerTools): Promise<Way> {
  const { soql, api = 'auto' } = plan
  const { org, signal, report } = tools
  if (plan.job !== undefined) {
    await runQueryJob(plan, output, tools)
    return { api: 'bulk', reason: 'its job was started before' }
  }
  if (api === 'soap') {
    const { fetchSoapPages } = await import('./soap-pages.ts')
    await writeSynchronousRows(plan, fetchSoapPages(org, plan, signal), output, tools)
    return { api, reason: '--api soap' }
  }
  if (await needsSynchronousQuery(soql)) {
    report({ type: 'note', text: 'Bulk API does not answer this query: it is read through the synchronous API' })
    return await answerSynchronously(plan, output, tools, 'the Bulk API does not answer this query')
  }
  const plain = api === 'auto' ? parsePlainQuery(soql) : undefined
  const isTried = plain !== undefined && isWorthOnePage(plan, plain)
  const tried = isTried ? await writePlainRows(plan, plain, output, tools) : { rows: undefined }
  if (tried === 'written') return { api: 'rest', reason: 'its rows cost fewer calls than a job' }
  if (Number.parseFloat(org.apiVersion) < firstWithJobs) {
    const reason = `API version ${org.apiVersion} has no query jobs`
    report({ type: 'note', text: `${reason}: it is read through the synchronous API` })
    return await answerSynchronously(plan, output, tools, reason)
  }
  await runQueryJob({ ...plan, rows: tried.rows }, output, tools)
  if (api === 'bulk') return { api, reason: '--api bulk' }
  return { api: 'bulk', reason: isTried ? 'a job costs fewer calls than so many rows' : 'it may have many rows' }
}

/** Source: Bulk API 2.0 guide, "Create a Query Job". */
const firstWithJobs = 47

async function answerSynchronously(
  plan: ExtractPlan,
  output: RowOutput,
  tools: AnswerTools,
  reason: string,
): Promise<Way> {
  const { org, signal } = tools
  if (queryPath(plan).length > longestPath && org.soapTakesSession) {
    const { fetchSoapPages } = await import('./soap-pages.ts')
    await writeSynchronousRows(plan, fetchSoapPages(org, plan, signal), output, tools)
    return { api: 'soap', reason: `${reason}, and it is too long for an address` }
  }
  await writeSynchronousRows(plan, fetchQueryPages(org, plan, signal), output, tools)
  return { api: 'rest', reason }
}

async function keepWhatArrived(files: OutputFiles, bytes: number, report: ReportExtract): Promise<void> {
  const kept = await files.abandon(bytes > 0)
  if (kept.length > 0) report({ type: 'note', text: `what had arrived is in ${kept.join(', ')}` })
}

function interrupted(cause: unknown): UnfinishedError {
  return new UnfinishedError('interrupted before all rows were written', {
    code: 'INTERRUPTED',
    hint: 'run the query again',
    cause,
  })
}
