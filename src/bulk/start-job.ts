import { UnfinishedError } from '../errors.ts'
import { type PartBody, PartNotSent, type SendRecord } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import { restartPause, restarts } from '../org/retry-table.ts'
import type { Clock } from './clock.ts'
import { closeJob, createJob, type JobKind, uploadRows } from './ingest-jobs.ts'
import { abortJob, fetchJob, type JobInfo } from './job-info.ts'
import { type SmallJobTools, startSmallJob } from './start-small-job.ts'

export interface StartTools extends SmallJobTools {
  /** Bytes up to which a part goes out with the request that creates its job: one call instead of three. */
  readonly smallBytes: number
  /** Told of each step before the next one. */
  readonly record?: SendRecord | undefined
}

/**
 * Brings one part to the service and starts the work there; returns the job's id. Throws `PartNotSent`, which says
 * whether the rows may be written all the same.
 *
 * Only what starts the work can leave that open. A job that was created or filled but not closed never begins, so those
 * steps are done again in another job.
 */
export async function startJob(org: Org, kind: JobKind, body: PartBody, tools: StartTools): Promise<string> {
  if (body.whole !== undefined && body.whole.length <= tools.smallBytes) {
    const id = await startSmallJob(org, kind, body.whole, tools)
    await tools.record?.uploaded(id)
    return id
  }
  const id = await openAndFill(org, kind, body, tools)
  if (tools.signal.aborted) await giveUp(org, id, interrupted())
  await tools.record?.uploaded(id)
  await closeUpload(org, id, tools.clock)
  return id
}

/** A broken upload is never continued: what the job holds is not known. It is aborted and another one takes its place. */
async function openAndFill(org: Org, kind: JobKind, body: PartBody, tools: StartTools): Promise<string> {
  const { clock, signal } = tools
  for (let attempt = 1; ; attempt++) {
    const job = await tools.created
      .create(() => createJob(org, kind, signal))
      .catch((error: unknown) => {
        throw new PartNotSent({
          error: signal.aborted ? interrupted() : asError(error),
          mayHaveArrived: false,
          id: undefined,
        })
      })
    await tools.record?.created(job.id)
    try {
      await uploadRows(org, job.id, body.whole ?? (() => body.stream()), signal)
      return job.id
    } catch (error) {
      if (signal.aborted) return await giveUp(org, job.id, interrupted())
      // A source that cannot be read is no transient failure either.
      if (attempt === restarts.upload.tries || !isPassing(error)) return await giveUp(org, job.id, asError(error))
      await abortQuietly(org, job.id)
      await clock.sleep(restartPause(attempt), signal)
    }
  }
}

/**
 * Closes the upload, which starts the work. An answer that went missing is replaced by the job's own state. The request
 * is short, so an interruption waits for its end rather than leave the outcome open.
 */
export async function closeUpload(org: Org, id: string, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await closeJob(org, id)
      return
    } catch (error) {
      const job = await stateAfter(org, id, error)
      if (job.state === 'Aborted') throw notSent(error, false, id)
      if (job.state !== 'Open') return
      if (attempt === restarts.close.tries || !isPassing(error)) {
        // A close that is still on its way could start the job, unless the abort gets through.
        const aborted = await abortQuietly(org, id)
        throw notSent(error, !aborted && isPassing(error), id)
      }
      await clock.sleep(restartPause(attempt))
    }
  }
}

async function stateAfter(org: Org, id: string, error: unknown): Promise<JobInfo> {
  return await fetchJob(org, 'ingest', id).catch(() => {
    throw notSent(error, true, id)
  })
}

async function giveUp(org: Org, id: string, error: Error): Promise<never> {
  await abortQuietly(org, id)
  throw notSent(error, false, id)
}

/** A job that cannot be aborted now does no harm: it was never closed, so it never starts and vanishes by itself. */
export async function abortQuietly(org: Org, id: string): Promise<boolean> {
  return await abortJob(org, 'ingest', id).then(
    () => true,
    () => false,
  )
}

function notSent(error: unknown, arrived: boolean, id: string): PartNotSent {
  return new PartNotSent({ error: asError(error), mayHaveArrived: arrived, id })
}

function interrupted(): UnfinishedError {
  return new UnfinishedError('interrupted before the rows were sent', { code: 'INTERRUPTED' })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
