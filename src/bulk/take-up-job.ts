import { ApiError } from '../errors.ts'
import type { BegunPiece, PartBody, PartKind, TakenUp } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { findLostJob, findOpenJobs, type LostJob, type SearchTools } from './find-lost-job.ts'
import { fetchJob, type JobInfo } from './job-info.ts'
import { abortQuietly, closeUpload, type StartTools } from './start-job.ts'

interface TakeUpTools extends Omit<StartTools, 'record'> {
  /** When this process began, in milliseconds since 1970: what was made later is not of an earlier one. */
  readonly openedAt: number
}

/**
 * Finds out what has become of a part that an earlier process began to send.
 *
 * A job that had all of its rows goes on: it is closed if that was still to come. One that had not is aborted, since what
 * it holds is not known, and since it was never closed it has written nothing. Where the id was lost the job is looked for in
 * the org's list: one that came with its rows is recognised by them, and an empty one is aborted.
 *
 * Throws what `Org.send` throws, and `PartNotSent`.
 */
export async function takeUpJob(
  org: Org,
  kind: PartKind,
  body: PartBody,
  begun: BegunPiece,
  tools: TakeUpTools,
): Promise<TakenUp> {
  const { job, uploaded } = begun
  if (job !== undefined) return uploaded ? await goOn(org, job, tools) : await giveUp(org, job, tools)
  const time = { from: begun.begunAt, to: Math.min(begun.lastAt + lastRequest, tools.openedAt) }
  const findKnown = async () => new Set([...(await begun.knownJobs()), ...tools.created.ids])
  if (body.whole !== undefined && body.whole.length <= tools.smallBytes) {
    return await findRows(org, { kind, ...time, known: await findKnown(), csv: body.whole }, tools)
  }
  await tools.created.search(async () => {
    // The job of another program that is about to be filled would look the same: it is left alone when there are several.
    const [open, ...more] = await findOpenJobs(org, { kind, ...time, known: await findKnown() }, tools)
    if (open !== undefined && more.length === 0) await abortQuietly(org, open.id)
  })
  return { state: 'absent' }
}

/** A process may die some time after its last entry, while a request is under way or another try of it is waited for. */
const lastRequest = 20 * 60_000

async function goOn(org: Org, id: string, { clock, signal }: TakeUpTools): Promise<TakenUp> {
  const job = await fetchUnlessGone(org, id, signal)
  // Source: Bulk API guide, "Bulk API 2.0 Limits": jobs and their results are kept for seven days.
  if (job === undefined) return { state: 'unsure', reason: `the service does not know job ${id} any more` }
  if (job.state === 'Aborted' && (job.numberRecordsProcessed ?? 0) === 0) return { state: 'absent' }
  if (job.state === 'Open') await closeUpload(org, id, clock)
  return { state: 'sent', sent: { id } }
}

/** A job that is not open any more was filled and closed after all, so its rows are taken as sent. */
async function giveUp(org: Org, id: string, tools: TakeUpTools): Promise<TakenUp> {
  const job = await fetchUnlessGone(org, id, tools.signal)
  if (job !== undefined && job.state !== 'Open') return await goOn(org, id, tools)
  if (job !== undefined) await abortQuietly(org, id)
  return { state: 'absent' }
}

async function findRows(
  org: Org,
  lost: LostJob & { readonly csv: Buffer },
  { recognise, ...tools }: TakeUpTools,
): Promise<TakenUp> {
  if (recognise === undefined) return { state: 'unsure', reason: 'its job cannot be told from others' }
  const search: SearchTools = { ...tools, recognise }
  const found = await findLostJob(org, lost, search)
  if (found === undefined) return { state: 'absent' }
  const { id, isSure } = found
  return isSure ? { state: 'sent', sent: { id } } : { state: 'unsure', reason: `job ${id} holds some of its rows` }
}

async function fetchUnlessGone(org: Org, id: string, signal: AbortSignal): Promise<JobInfo | undefined> {
  return await fetchJob(org, 'ingest', id, signal).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  })
}
