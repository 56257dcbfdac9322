import { type PartLimits, PartNotSent, type Transport } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { type CallReserve, createCallReserve } from './call-reserve.ts'
import { type Clock, systemClock } from './clock.ts'
import { CreatedJobs } from './created-jobs.ts'
import type { SearchTools } from './find-lost-job.ts'
import { mostSmallBytes } from './job-cost.ts'
import type { JobInfo } from './job-info.ts'
import { partEnd } from './part-end.ts'
import { waitForEnd } from './poll.ts'
import { readResults } from './read-results.ts'
import { startJob } from './start-job.ts'
import { takeUpJob } from './take-up-job.ts'

/** Bytes that one job takes: Salesforce allows 150 MB after its own base64 encoding and advises 100 MB before it. */
const mostJobBytes = 100_000_000

export interface BulkOptions {
  /** Bytes of a job's upload. Default and most: `mostJobBytes`. */
  readonly jobBytes?: number | undefined
  /** Leads and cases: Id of an assignment rule to run. */
  readonly assignmentRule?: string | undefined
  /** Milliseconds since 1970 until which the end of jobs is waited for. Default: until they end. */
  readonly deadline?: number | undefined
  /** Told of every answer while a job is waited for. */
  readonly onState?: ((job: JobInfo) => void) | undefined
  /** Folder for result files while they are read. Default: the system's for temporary files. */
  readonly temporaryFolder?: string | undefined
  readonly clock?: Clock | undefined
  /** Tells whether a job holds certain rows. Without it a job whose id was lost is not looked for. */
  readonly recognise?: SearchTools['recognise'] | undefined
}

/** Bulk API 2.0: a part is a job, and its answers repeat the rows in an order of their own. */
export function createBulkTransport(org: Org, options: BulkOptions = {}): Transport {
  const { clock = systemClock, assignmentRule, deadline, onState, temporaryFolder, recognise } = options
  const created = new CreatedJobs()
  const openedAt = clock.now()
  const reserve = createCallReserve(org)
  const limits: PartLimits = {
    maxBytes: options.jobBytes ?? mostJobBytes,
    maxRows: mostJobRows,
    smallBytes: mostSmallBytes,
  }
  return {
    api: 'bulk',
    answers: 'echoed',
    partsAtOnce: 4,
    limits,
    async send(kind, body, signal, record) {
      const tools = { clock, signal, smallBytes: limits.smallBytes, created, recognise, temporaryFolder, record }
      const startCalls = (body.whole?.length ?? Number.POSITIVE_INFINITY) <= mostSmallBytes ? 1 : 3
      begin(reserve, startCalls)
      const began = clock.now()
      let id: string | undefined
      try {
        id = await startJob(org, { ...kind, assignmentRule }, body, tools)
        created.add(id)
        return { id, sendTime: clock.now() - began }
      } finally {
        reserve.started(startCalls, id)
      }
    },
    async takeUp(kind, body, begun, signal) {
      const tools = { clock, signal, smallBytes: limits.smallBytes, created, recognise, temporaryFolder, openedAt }
      const taken = await takeUpJob(org, kind, body, begun, tools)
      if (taken.state !== 'sent') return taken
      created.add(taken.sent.id)
      reserve.takeUp(taken.sent.id)
      return taken
    },
    async finish(sent, signal) {
      const wait = { clock, signal, deadline, onState, reserve, rows: sent.rows, sendTime: sent.sendTime }
      const ended = await waitForEnd(org, 'ingest', sent.id, wait).catch((error: unknown) => {
        reserve.ended(sent.id)
        throw error
      })
      return partEnd(ended)
    },
    async *results(sent, end, rows, startAnew) {
      try {
        yield* readResults(org, sent.id, end, rows, { clock, temporaryFolder, startAnew })
      } finally {
        reserve.ended(sent.id)
      }
    },
  }
}

function begin(reserve: CallReserve, startCalls: number): void {
  try {
    reserve.begin(startCalls)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new PartNotSent({ error, mayHaveArrived: false, id: undefined })
  }
}

/**
 * The service has no limit of rows for a job. This one bounds the memory of the join, which keeps some dozens of bytes for
 * every row of a job in flight; only rows shorter than 100 bytes reach it.
 */
const mostJobRows = 1_000_000
