import { RunError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { explainRefusal, isRefusedQuery } from './explain-refusal.ts'

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
  let path: string | undefined = queryPath(question)
  while (path !== undefined) {
    const page: QueryPage = await fetchQueryPage(org, path, signal).catch((error: unknown) => {
      throw isRefusedQuery(error) ? explainRefusal(error, question.soql) : error
    })
    const records: JsonRecord[] = []
    for (const record of page.records) records.push(await withAllChildren(org, record, signal))
    yield { ...page, records }
    path = page.done ? undefined : page.nextRecordsUrl
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
  const answer = await org
    .send({ method: 'GET', path: path ?? queryPath(question), signal })
    .catch((error: unknown) => {
      throw isRefusedQuery(error) ? explainRefusal(error, question.soql) : error
    })
  const page = JSON.parse(quoteNumbers(await answer.text(), /-?\d[\d.eE+-]*/)) as QueryPage
  return { ...page, totalSize: Number(page.totalSize) }
}

/** Says that an answer is not whole. */
export function rowsMissing(rows: number, total: number): RunError {
  return new RunError(`the query has ${total} rows, but ${rows} arrived`, {
    code: 'ROWS_MISSING',
    hint: 'run the query again',
  })
}

async function fetchQueryPage(org: Org, path: string, signal: AbortSignal): Promise<QueryPage> {
  const answer = await org.send({ method: 'GET', path, signal })
  return JSON.parse(quoteNumbers(await answer.text(), longNumber)) as QueryPage
}

/** A number of more digits than a double holds: a currency of 18 digits is not rounded. */
const longNumber = /-?\d[\d.eE+-]{15,}/

/** Puts those numbers in quotes that match. */
function quoteNumbers(json: string, number: RegExp): string {
  const token = new RegExp(`"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"|${number.source}`, 'g')
  return json.replace(token, (found) => (found.startsWith('"') ? found : `"${found}"`))
}

/** A subquery of more rows than a page has pages of its own. */
async function withAllChildren(org: Org, record: JsonRecord, signal: AbortSignal): Promise<JsonRecord> {
  const complete: Record<string, Json> = { ...record }
  for (const [key, value] of Object.entries(record)) {
    if (!isPage(value) || value.done) continue
    const records = [...value.records]
    for (let next = value.nextRecordsUrl; next !== undefined; ) {
      const page = await fetchQueryPage(org, next, signal)
      records.push(...page.records)
      next = page.done ? undefined : page.nextRecordsUrl
    }
    complete[key] = { totalSize: value.totalSize, done: true, records }
  }
  return complete
}

/** Whether a value is the answer to a subquery. */
export function isPage(value: Json | undefined): value is Json & QueryPage {
  return typeof value === 'object' && value !== null && 'records' in value && 'done' in value
}
