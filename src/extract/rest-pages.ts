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
export async function* fetchQueryPages(
  org: Org,
  question: { readonly soql: string; readonly all: boolean },
  signal: AbortSignal,
): AsyncGenerator<QueryPage> {
  let path: string | undefined = `/${question.all ? 'queryAll' : 'query'}?q=${encodeURIComponent(question.soql)}`
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

async function fetchQueryPage(org: Org, path: string, signal: AbortSignal): Promise<QueryPage> {
  const answer = await org.send({ method: 'GET', path, signal })
  return JSON.parse(withExactNumbers(await answer.text())) as QueryPage
}

/** Puts numbers of more digits than a double holds in quotes, so that a currency of 18 digits is not rounded. */
function withExactNumbers(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]{15,}/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  )
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
