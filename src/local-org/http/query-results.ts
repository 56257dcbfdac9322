import type { Job } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import type { ApiRequest } from './api-request.ts'
import { readLocator } from './job-reply.ts'
import { Refusal } from './refusal.ts'
import { csvReply, jsonReply, type Reply } from './reply.ts'

/** Addresses of pages are given out five at a time. */
const pagesAtOnce = 5

/**
 * A page of a query's rows, the header first. `locator` says where it begins and `maxRecords` how long it is; the same
 * locator gives the same rows for as long as the job exists. Bulk API guide, "Get Results for a Query Job".
 */
export function queryPageReply({ pages, options }: OrgParts, job: Job, request: ApiRequest): Reply {
  checkReady(job, request)
  const start = readStart(request.query, job)
  const count = Math.min(readMaxRecords(request.query) ?? options.pageRows, job.processed - start)
  const next = start + count
  const headers = {
    'Sforce-Locator': next < job.processed ? formatLocator(next) : 'null',
    'Sforce-NumberOfRecords': String(count),
  }
  return csvReply(page(pages, job.id, start, count), headers)
}

/** Addresses of pages that can be fetched in parallel. Bulk API guide, "Get Parallel Results for a Query Job". */
export function resultPagesReply({ options }: OrgParts, job: Job, request: ApiRequest): Reply {
  checkReady(job, request)
  const base = `/services/data/v${request.version}.0/jobs/query/${job.id}`
  const first = readStart(request.query, job)
  const starts: number[] = []
  let next = first
  // A result without rows has one page all the same: its header.
  do {
    starts.push(next)
    next += options.pageRows
  } while (next < job.processed && starts.length < pagesAtOnce)
  const done = next >= job.processed
  return jsonReply({
    resultPages: starts.map((start) => ({ resultUrl: `${base}/results?locator=${formatLocator(start)}` })),
    nextRecordsUrl: done ? null : `${base}/resultpages?locator=${formatLocator(next)}`,
    done,
  })
}

async function* page(pages: OrgParts['pages'], job: string, start: number, count: number): AsyncGenerator<Buffer> {
  yield Buffer.from(pages.header(job))
  yield* pages.read(job, start, count)
}

function checkReady(job: Job, { version }: ApiRequest): void {
  if (version !== job.apiVersion) {
    const message = `The job was created with API version ${job.apiVersion}.0 and cannot be read with ${version}.0`
    throw new Refusal(409, 'VERSION_MISMATCH', message)
  }
  if (job.state !== 'JobComplete') {
    throw new Refusal(400, 'INVALIDJOBSTATE', `Results are not available for a job in state ${job.state}`)
  }
}

function readStart(query: URLSearchParams, job: Job): number {
  const text = query.get('locator')
  const start = text === null ? 0 : readLocator(text)
  if (start === undefined || (start > 0 && start >= job.processed)) {
    throw new Refusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  return start
}

function readMaxRecords(query: URLSearchParams): number | undefined {
  const text = query.get('maxRecords')
  if (text === null) return undefined
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new Refusal(400, 'INVALID_QUERY', `maxRecords is not a positive number: ${text}`)
  return Number(text)
}

function formatLocator(start: number): string {
  return Buffer.from(String(start)).toString('base64url')
}
