import type { JobFamily } from './job-info.ts'
import { pauseBefore } from './poll.ts'

/**
 * Bytes of CSV up to which a job is created, filled and started by one request. The service documents 100,000 characters
 * for that; older pages of the guide say 20,000.
 */
export const mostSmallBytes = 20_000

/** API calls of a job, as far as they can be foreseen. */
export interface JobCost {
  /** Create, upload, close; one where the rows go out with the create. */
  readonly start: number
  /** Questions for the state, at the pauses of `poll.ts`, until the job is expected to end. */
  readonly polls: number
  /** Result files or pages. */
  readonly results: number
  readonly total: number
}

/** What an ingest job costs: its accepted and its rejected rows are two files. `bytes`: of its CSV. */
export function foreseeIngestJob({ rows, bytes }: { readonly rows: number; readonly bytes: number }): JobCost {
  return sumUp({ start: bytes <= mostSmallBytes ? 1 : 3, polls: countPolls('ingest', rows), results: 2 })
}

/** What a query job of so many rows costs. */
export function foreseeQueryJob(rows: number): JobCost {
  const pages = Math.max(1, Math.ceil(rows / pageRows))
  const lists = pages > 1 ? Math.ceil(pages / listedPages) : 0
  return sumUp({ start: 1, polls: countPolls('query', rows), results: pages + lists })
}

/**
 * Milliseconds from the start of a job to its end: some for the queue, then rows at a pace. No guide promises either;
 * these are what loads and extracts of orgs without slow triggers come to.
 */
export function expectedDuration(family: JobFamily, rows: number): number {
  const { queue, perRow } = paces[family]
  return queue + rows * perRow
}

const paces: Readonly<Record<JobFamily, { readonly queue: number; readonly perRow: number }>> = {
  ingest: { queue: 3_000, perRow: 1 },
  query: { queue: 2_000, perRow: 0.05 },
}

/** Rows of a page of query results, where the service chooses its length. */
const pageRows = 50_000
/** Pages that an answer of the list of pages names. */
const listedPages = 5

function countPolls(family: JobFamily, rows: number): number {
  const duration = expectedDuration(family, rows)
  let time = 0
  let polls = 0
  while (time < duration) {
    time += pauseBefore({ family, rows, asked: polls, quiet: polls, elapsed: time, processed: 0 })
    polls++
  }
  return polls
}

function sumUp({ start, polls, results }: Omit<JobCost, 'total'>): JobCost {
  return { start, polls, results, total: start + polls + results }
}
