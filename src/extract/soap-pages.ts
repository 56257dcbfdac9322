import { ApiError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { decodeReferences } from '../org/xml-text.ts'
import type { XmlNode } from '../soap/parse-xml.ts'
import { continueQuery, readPage, type SoapPage, startQuery } from '../soap/query.ts'
import { explainLostPlace, explainRefusal } from './explain-refusal.ts'
import type { Json, JsonRecord, QueryPage } from './rest-pages.ts'
import type { Question } from './run-query-job.ts'

/**
 * The pages of a query by SOAP, in the shape of the synchronous REST answer, children complete; every value is a text.
 * A query may be longer than the address of a REST request. Throws `UsageError` when the service refuses the query.
 */
export async function* fetchSoapPages(org: Org, question: Question, signal: AbortSignal): AsyncGenerator<QueryPage> {
  let page = await startQuery(org, question.soql, question.all, signal).catch((error: unknown) => {
    throw isRefusal(error) ? explainRefusal(error, question.soql) : error
  })
  for (;;) {
    const records: JsonRecord[] = []
    for (const record of page.records) records.push(await toRecord(org, record, signal))
    yield { totalSize: page.size, done: page.done, records }
    if (page.done) return
    page = await goOn(org, page.locator, signal)
  }
}

async function goOn(org: Org, locator: string, signal: AbortSignal): Promise<SoapPage> {
  return await continueQuery(org, locator, signal).catch((error: unknown) => {
    const isLost = error instanceof ApiError && error.errorCode === 'INVALID_QUERY_LOCATOR'
    throw isLost ? explainLostPlace(error) : error
  })
}

/** A fault has status 500 whatever it is about: its code tells whether the query is at fault. */
function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && refusals.has(error.errorCode)
}

const refusals: ReadonlySet<string> = new Set([
  'MALFORMED_QUERY',
  'INVALID_FIELD',
  'INVALID_TYPE',
  'INVALID_QUERY_FILTER_OPERATOR',
  'NUMBER_OUTSIDE_VALID_RANGE',
  'ENTITY_NOT_QUERYABLE',
  'QUERY_TOO_COMPLICATED',
  'QUERY_TIMEOUT',
])

/** An empty element is null; so is one with `xsi:nil`, and a text is never empty in Salesforce. */
async function toRecord(org: Org, node: XmlNode, signal: AbortSignal): Promise<JsonRecord> {
  const record: Record<string, Json> = {}
  for (const [name, values] of Object.entries(typeof node === 'string' ? {} : node)) {
    // `type` is the object's name; Id stands twice when it was selected, and as null when it was not. Blanks between elements
    // are a text of their own.
    const [value] = values ?? []
    if (name === 'type' || name === '#text' || value === undefined || (name === 'Id' && value === '')) continue
    record[name] = await toJson(org, value, signal)
  }
  return record
}

async function toJson(org: Org, value: XmlNode, signal: AbortSignal): Promise<Json> {
  if (typeof value === 'string') return value === '' ? null : decodeReferences(value)
  if (!('done' in value)) return await toRecord(org, value, signal)
  const records: JsonRecord[] = []
  for (let page: SoapPage = readPage(value); ; page = await goOn(org, page.locator, signal)) {
    for (const child of page.records) records.push(await toRecord(org, child, signal))
    if (page.done) return { totalSize: page.size, done: true, records }
  }
}
