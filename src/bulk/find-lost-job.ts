import type { EchoedResults, PartKind, Recognised } from '../load/transport.ts'
import { fetchUserId } from '../org/fetch-user-id.ts'
import type { Org } from '../org/org.ts'
import type { Clock } from './clock.ts'
import { type JobInfo, listJobs } from './job-info.ts'
import { partEnd } from './part-end.ts'
import { waitForEnd } from './poll.ts'
import { readResults } from './read-results.ts'
import { RecordCounter } from './record-counter.ts'

/** A job that the service may have made although the answer that would have told its id never came. */
export interface LostJob {
  readonly kind: PartKind
  /** When the request that creates it left and when it was given up, in milliseconds since 1970 by this machine's clock. */
  readonly from: number
  readonly to: number
  /** Jobs that are known to be others. */
  readonly known: ReadonlySet<string>
}

/** A lost job that was created with its rows by one request. */
export interface LostRows extends LostJob {
  /** The CSV that was sent. */
  readonly csv: Buffer
}

export interface SearchTools {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Whether the answers of a job repeat the rows of a CSV. */
  readonly recognise: (csv: Buffer, answers: AsyncIterable<EchoedResults>) => Promise<Recognised>
  /** Folder for result files while they are read. */
  readonly temporaryFolder?: string | undefined
}

export interface FoundJob {
  readonly id: string
  /** False for a job that answers some of the rows, and others: it may be the lost one, spelt anew, so nothing may be sent again. */
  readonly isSure: boolean
}

/**
 * The job that holds the rows of a request whose answer was lost; undefined when the org has none. It is looked for among
 * the jobs that the user of the session made of that object and operation at that time, and recognised by the rows that it
 * answers, so it has ended when it is found. Nothing is sent or changed.
 *
 * Costs a call for each thousand of the org's jobs, and the polls and results of each job that might be it. Throws what
 * `Org.send` and `waitForEnd` throw: then nothing is known.
 */
export async function findLostJob(org: Org, lost: LostRows, tools: SearchTools): Promise<FoundJob | undefined> {
  const rows = countRows(lost.csv)
  let doubtful: FoundJob | undefined
  for (const { id } of await listCandidates(org, lost, hasBegun, tools)) {
    const job = await waitForEnd(org, 'ingest', id, { ...tools, rows })
    const end = partEnd(job)
    if (end.accepted + end.rejected > rows) continue
    const known = await tools.recognise(lost.csv, readResults(org, id, end, rows, tools))
    if (known === 'all') return { id, isSure: true }
    if (known === 'some') doubtful ??= { id, isSure: false }
  }
  return doubtful
}

/** Jobs without rows, or with some of them, that may be the lost one. They have written nothing. */
export async function findOpenJobs(
  org: Org,
  lost: LostJob,
  tools: Pick<SearchTools, 'clock' | 'signal'>,
): Promise<readonly JobInfo[]> {
  return await listCandidates(org, lost, ({ state }) => state === 'Open', tools)
}

async function listCandidates(
  org: Org,
  lost: LostJob,
  isWanted: (job: JobInfo) => boolean,
  { clock, signal }: Pick<SearchTools, 'clock' | 'signal'>,
): Promise<readonly JobInfo[]> {
  const found: JobInfo[] = []
  for await (const { jobs, time } of listJobs(org, 'ingest', signal)) {
    const ahead = time === undefined ? 0 : time - clock.now()
    found.push(...jobs.filter((job) => isWanted(job) && isLike(job, lost, ahead) && !lost.known.has(job.id)))
  }
  if (found.length === 0) return found
  const user = await fetchUserId(org, signal)
  return user === undefined ? found : found.filter(({ createdById = user }) => createdById.startsWith(user))
}

/** One that never began has no answers to be known by and writes nothing. */
function hasBegun({ state }: JobInfo): boolean {
  return state !== 'Open' && state !== 'Aborted'
}

/** @param ahead milliseconds that the service's clock is ahead of this machine's */
function isLike(job: JobInfo, { kind, from, to }: LostJob, ahead: number): boolean {
  if (job.object?.toLowerCase() !== kind.object.toLowerCase() || job.operation !== kind.operation) return false
  if ((job.externalIdFieldName ?? '').toLowerCase() !== (kind.externalIdField ?? '').toLowerCase()) return false
  const created = Date.parse((job.createdDate ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Number.isNaN(created) || (created >= from + ahead - tolerance && created <= to + ahead + tolerance)
}

/** The service tells times in whole seconds, both that of a job and its own. */
const tolerance = 2_000

function countRows(csv: Buffer): number {
  const counter = new RecordCounter()
  counter.add(csv)
  return Math.max(0, counter.records - 1)
}
