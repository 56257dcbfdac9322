import { ForeignAnswerError } from '../org/cut-answer.ts'
import type { Org, OrgResponse } from '../org/org.ts'
import { type JobInfo, jsonBody } from './job-info.ts'

/**
 * Starts a query. Throws `ApiError` with status 400 for SOQL that the service cannot parse or does not answer in Bulk.
 * Asking twice does no harm but costs one more of the 10,000 query jobs a day, so a lost answer leads to a second job.
 */
export async function createQueryJob(org: Org, soql: string, all: boolean, signal?: AbortSignal): Promise<JobInfo> {
  const answer = await org.send({
    ...jsonBody({
      operation: all ? 'queryAll' : 'query',
      query: soql,
      contentType: 'CSV',
      columnDelimiter: 'COMMA',
      lineEnding: 'LF',
    }),
    method: 'POST',
    path: '/jobs/query',
    repeatable: true,
    signal,
  })
  return await answer.json<JobInfo>()
}

/**
 * One page of a result: CSV with a header line of its own. The same path gives the same bytes while the job is kept. Throws
 * `ForeignAnswerError` for what is a page of another kind.
 */
export async function fetchPage(org: Org, path: string, signal?: AbortSignal): Promise<OrgResponse> {
  const answer = await org.send({ method: 'GET', path, headers: { accept: 'text/csv' }, signal })
  const type = answer.headers['content-type'] ?? ''
  if (!/^\s*(text\/html|application\/json)/i.test(type)) return answer
  answer.body.destroy()
  throw new ForeignAnswerError(`${new URL(org.instanceUrl).host} answered a page of the result`, undefined, 'CSV')
}

/** Path of the page at a locator; without one, of the first page, whose length the service chooses. */
export function pagePath(job: string, locator?: string): string {
  const path = `/jobs/query/${job}/results`
  return locator === undefined ? path : `${path}?locator=${encodeURIComponent(locator)}`
}

/** Where the next page begins, from a page's answer. The last one says `null` in letters, or nothing. */
export function nextLocator(page: OrgResponse): string | undefined {
  const locator = page.headers['sforce-locator']
  return locator === undefined || locator === '' || locator === 'null' ? undefined : locator
}

/** Rows that a page's answer says it holds; a body with fewer has been cut. */
export function rowsAnnounced(page: OrgResponse): number | undefined {
  const text = page.headers['sforce-numberofrecords']
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** API version from which `listPages` is answered. */
export const pageListVersion = 58

/**
 * Paths of all pages of a result, so that several can be read at a time. The service names at most five in one answer.
 * The name of the key that leads on differs within its own documentation: both are read.
 */
export async function* listPages(org: Org, job: string, signal?: AbortSignal): AsyncGenerator<string> {
  let path: string | undefined = `/jobs/query/${job}/resultPages`
  while (path !== undefined) {
    const answer: OrgResponse = await org.send({ method: 'GET', path, signal })
    const list: PageList = await answer.json<PageList>()
    for (const page of list.resultPages ?? []) yield page.resultUrl
    path = list.done === true ? undefined : (list.nextRecordsUrl ?? list.nextRecordUrl ?? undefined)
  }
}

interface PageList {
  readonly resultPages?: readonly { readonly resultUrl: string }[]
  readonly nextRecordsUrl?: string | null
  readonly nextRecordUrl?: string | null
  readonly done?: boolean
}
