import type { Org } from '../org/org.ts'
import { mayHaveArrived } from '../org/retry.ts'
import type { CreatedJobs } from './created-jobs.ts'
import { findOpenJobs, type LostJob, type SearchTools } from './find-lost-job.ts'
import { createJob, type JobKind } from './ingest-jobs.ts'
import { abortJob, type JobInfo } from './job-info.ts'

interface OpenTools extends Pick<SearchTools, 'clock' | 'signal'> {
  readonly created: CreatedJobs
}

/**
 * Opens a job that takes one upload. When the answer was lost another one is opened, and the first, which would stay behind in the
 * org without rows, is looked for and aborted. Throws what `createJob` throws.
 */
export async function openJob(org: Org, kind: JobKind, tools: OpenTools): Promise<JobInfo> {
  const { clock, signal, created } = tools
  const from = clock.now()
  try {
    return await created.create(() => createJob(org, kind, { signal, repeatable: false }))
  } catch (error) {
    if (!mayHaveArrived(error) || signal.aborted) throw error
  }
  const lost = { kind, from, to: clock.now() }
  const job = await created.create(() => createJob(org, kind, { signal, repeatable: true }))
  // An open job does no harm, so the rows need not wait for one that cannot be found.
  await abortLostJob(org, lost, tools).catch(() => {})
  return job
}

/**
 * Aborts the open job of that time that is not known. The job of another program that is about to be filled would look the same: where
 * there are several, all are left alone. Throws what `Org.send` throws.
 */
export async function abortLostJob(
  org: Org,
  lost: Omit<LostJob, 'known'> & { readonly known?: () => Promise<ReadonlySet<string>> },
  { created, ...tools }: OpenTools,
): Promise<void> {
  await created.search(async () => {
    const known = new Set([...((await lost.known?.()) ?? []), ...created.ids])
    const [open, ...more] = await findOpenJobs(org, { ...lost, known }, tools)
    if (open !== undefined && more.length === 0) await abortQuietly(org, open.id)
  })
}

/** A job that cannot be aborted now does no harm: it was never closed, so it never starts and vanishes by itself. */
export async function abortQuietly(org: Org, id: string): Promise<boolean> {
  return await abortJob(org, 'ingest', id).then(
    () => true,
    () => false,
  )
}
