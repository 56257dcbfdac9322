import { PartNotSent } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { mayHaveArrived } from '../org/retry.ts'
import { lostAnswerPauses, restartPause, restarts } from '../org/retry-table.ts'
import type { CreatedJobs } from './created-jobs.ts'
import { findLostJob, type LostRows, type SearchTools } from './find-lost-job.ts'
import { createJobWithContent, type JobKind } from './ingest-jobs.ts'

export interface SmallJobTools extends Omit<SearchTools, 'recognise'> {
  /** Without it a job whose id was lost is not looked for. */
  readonly recognise?: SearchTools['recognise'] | undefined
  readonly created: CreatedJobs
}

/**
 * Creates, fills and starts a job by one request and returns its id. The job of a lost answer is looked for in the org;
 * only when it is not there the rows are sent again. Throws `PartNotSent`.
 */
export async function startSmallJob(org: Org, kind: JobKind, csv: Buffer, tools: SmallJobTools): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const from = tools.clock.now()
    try {
      return (await createJobWithContent(org, kind, csv)).id
    } catch (error) {
      if (!mayHaveArrived(error)) throw notSent(error, false)
      const lost = { kind, csv, from, to: tools.clock.now(), known: tools.created.ids }
      const id = await search(org, lost, error, tools)
      if (id !== undefined) return id
      if (attempt === restarts.smallJob.tries || tools.signal.aborted) throw notSent(error, false)
      await tools.clock.sleep(restartPause(attempt), tools.signal)
    }
  }
}

/** Returns undefined when the org has surely no such job. Throws `PartNotSent` when that cannot be told. */
async function search(
  org: Org,
  lost: LostRows,
  error: unknown,
  { recognise, ...tools }: SmallJobTools,
): Promise<string | undefined> {
  if (recognise === undefined) throw notSent(error, true)
  let doubtful: string | undefined
  for (const pause of lostAnswerPauses) {
    await tools.clock.sleep(pause, tools.signal)
    if (tools.signal.aborted) throw notSent(error, true)
    const found = await findLostJob(org, lost, { ...tools, recognise }).catch(() => {
      throw notSent(error, true)
    })
    if (found?.isSure) return found.id
    doubtful = found?.id
  }
  if (doubtful !== undefined) throw notSent(error, true, doubtful)
  return undefined
}

function notSent(error: unknown, arrived: boolean, id?: string): PartNotSent {
  return new PartNotSent({
    error: error instanceof Error ? error : new Error(String(error)),
    mayHaveArrived: arrived,
    id,
  })
}
