import { abortJob, fetchJob, hasEnded, type JobInfo, listJobs as listJobsOfOrg } from '../bulk/job-info.ts'
import { waitForEnd } from '../bulk/poll.ts'
import { ApiError } from '../errors.ts'
import { operations } from '../operations.ts'
import type { SyncTools } from './sync-tools.ts'

/** What is looked for among the org's jobs. */
interface PushedRows {
  readonly object: string
  readonly operation: keyof typeof operations
  /** Ids that are known. One more may have been made, whose answer was lost: all jobs of that object and operation are asked. */
  readonly jobs: readonly string[]
}

/**
 * Waits until the jobs of a push that was broken off will change nothing any more. One that was never given to the service
 * as complete writes nothing, and is aborted.
 */
export async function settleJobs(tools: SyncTools, { object, operation, jobs }: PushedRows): Promise<void> {
  const running = await listRunning(tools, object, operations[operation].bulkName)
  for (const id of new Set([...jobs, ...running])) {
    const job = await fetchJob(tools.org, 'ingest', id, tools.signal).catch(forgiveMissing)
    if (job === undefined || hasEnded(job)) continue
    if (job.state !== 'Open') await waitForEnd(tools.org, 'ingest', id, tools)
    else if (jobs.includes(id)) await abortJob(tools.org, 'ingest', id)
  }
}

/** A small job is made and closed by one request, whose answer may not have been noted. */
async function listRunning({ org, signal }: SyncTools, object: string, operation: string): Promise<readonly string[]> {
  const ids: string[] = []
  for await (const { jobs } of listJobsOfOrg(org, 'ingest', signal)) {
    const alike = jobs.filter((job) => job.object === object && job.operation === operation && !hasEnded(job))
    ids.push(...alike.map(({ id }) => id))
  }
  return ids
}

/** The service forgets a job after seven days. */
function forgiveMissing(error: unknown): JobInfo | undefined {
  if (error instanceof ApiError && error.status === 404) return undefined
  throw error
}
