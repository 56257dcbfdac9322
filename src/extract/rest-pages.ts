import { ApiError, RunError } from '../errors.ts'
import { ForeignAnswerError, foreignAnswerHint } from '../org/cut-answer.ts'
import type { Org } from '../org/org.ts'
import { explainLostPlace, explainRefusal, isRefusedQuery } from './explain-refusal.ts'

/** A value as the synchronous API writes it. */
export type Json = string | number | boolean | null | readonly Json[] | JsonRecord
export interface JsonRecord {
  readonly [key: string]: Json
}

/** One page of an answer to a query, or of the children of one of its records. */
export interface QueryPage {
  readonly totalSize: number
  readonly done: boolean
  readonly nextRecordsUrl?: string
  readonly records: readonly JsonRecord[]
}

/**
 * The pages of a query, children complete. Throws `UsageError` when the service refuses the query. Source: REST guide,
 * "Query" and "Query More Results".
 */
export async function* fetchQueryPages(org: Org, question: AskedQuery, signal: AbortSignal): AsyncGenerator<QueryPage> {
  for (let next: string | undefined, done = false; !done; ) {
    const page = await fetchPage(org, question, next, { spelled: longNumber, signal })
    const records: JsonRecord[] = []
    for (const record of page.records) records.push(await withAllChildren(org, record, signal))
    yield { ...page, records }
    next = page.nextRecordsUrl
    done = page.done
  }
}

/** SOQL, and whether deleted rows count. */
interface AskedQuery {
  readonly soql: string
  readonly all: boolean
}

/** Path of a query's first page. */
export function queryPath({ soql, all }: AskedQuery): string {
  return `/${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`
}

/**
 * One page of a query without subqueries, the first or the one at `path`, in which every number is a text: spelt as the
 * service does, which is the same in all its APIs. Throws `UsageError` when the service refuses the query.
 */
export async function fetchSpelledPage(
  org: Org,
  question: AskedQuery,
  path: string | undefined,
  signal: AbortSignal,
): Promise<QueryPage> {
  const page = await fetchPage(org, question, path, { spelled: anyNumber, signal })
  return { ...page, totalSize: Number(page.totalSize) }
}

/** Says that an answer is not whole. */
export function rowsMissing(rows: number, total: number): RunError {
  return new RunError(`the query has ${total} rows, but ${rows} arrived`, {
    code: 'ROWS_MISSING',
    hint: 'run the query again',
  })
}

/** `spelled`: the numbers that become texts. */
interface PageTools {
  readonly spelled: RegExp
  readonly signal: AbortSignal
}

/** The first page of a query, or the one at `path`. */
async function fetchPage(org: Org, question: AskedQuery, path: string | undefined, tools: PageTools) {
  if (path !== undefined) return await fetchNextPage(org, path, tools)
  return await readPage(org, queryPath(question), tools).catch((error: unknown) => {
    throw isRefusedQuery(error) ? explainRefusal(error, question.soql) : error
  })
}

/** A page behind the first: what is refused now is not the query. */
async function fetchNextPage(org: Org, path: string, tools: PageTools): Promise<QueryPage> {
  return await readPage(org, path, tools).catch((error: unknown) => {
    const isRefused = error instanceof ApiError && error.exit === 'failed' && error.status < 500
    throw isRefused ? explainLostPlace(error) : error
  })
}

async function readPage(org: Org, path: string, { spelled, signal }: PageTools): Promise<QueryPage> {
  const answer = await org.send({ method: 'GET', path, signal })
  const text = await answer.text()
  const answered = `${new URL(org.instanceUrl).host} answered the query`
  let page: Partial<QueryPage>
  try {
    page = JSON.parse(quoteNumbers(text, spelled)) as Partial<QueryPage>
  } catch (cause) {
    throw new ForeignAnswerError(answered, cause)
  }
  const { records, totalSize, done, nextRecordsUrl } = page
  if (!Array.isArray(records) || totalSize === undefined || (done === false && nextRecordsUrl === undefined)) {
    throw new RunError(`${answered} with something other than a page of rows`, {
      code: 'NOT_A_PAGE',
      hint: foreignAnswerHint,
    })
  }
  return { ...page, records, totalSize, done: done ?? nextRecordsUrl === undefined }
}

const anyNumber = /-?\d[\d.eE+-]*/

/** A number of more digits than a double holds: a currency of 18 digits is not rounded. */
const longNumber = /-?\d[\d.eE+-]{15,}/

/** Puts those numbers in quotes that match. */
function quoteNumbers(json: string, number: RegExp): string {
  const token = new RegExp(`"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|${number.source}`, 'g')
  return json.replace(token, (found) => (found.startsWith('"') ? found : `"${found}"`))
}

/** A subquery of more rows than a page has pages of its own, and so have the subqueries within it. */
async function withAllChildren(org: Org, record: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
  const complete: Record<string, Json> = { ...record }
  for (const [key, value] of Object.entries(record)) {
    if (!isPage(value)) continue
    const children = [...value.records]
    for (let next = value.done ? undefined : value.nextRecordsUrl; next !== undefined; ) {
      const page = await fetchNextPage(org, next, { spelled: longNumber, signal })
      children.push(...page.records)
      next = page.done ? undefined : page.nextRecordsUrl
    }
    const records: JsonRecord[] = []
    for (const child of children) records.push(await withAllChildren(org, child, signal))
    complete[key] = { totalSize: value.totalSize, done: true, records }
  }
  return complete
}

/** Whether a value is the answer to a subquery. */
export function isPage(value: Json | undefined): value is Json & QueryPage {
  return typeof value === 'object' && value !== null && 'records' in value && 'done' in value
}
