import type { Job } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import { describeJob, type JobOccasion, spellVersions } from './job-json.ts'
import { notFound, Refusal } from './refusal.ts'
import { jsonReply, type Reply } from './reply.ts'

/** A job of more rows is seen at work by one poll at least, as a job of the service is. */
const quickRows = 2000

/** One job. In realistic speed a poll sees a job at work before one sees it complete. */
export function jobReply(
  { jobs, options }: Pick<OrgParts, 'jobs' | 'options'>,
  job: Job,
  occasion: JobOccasion,
): Reply {
  let shown = job
  if (occasion === 'asked' && job.state === 'InProgress') jobs.markSeen(job.id)
  if (occasion === 'asked' && isTooEarly(job) && options.speed === 'realistic') {
    jobs.markSeen(job.id)
    shown = { ...job, state: 'InProgress' }
  }
  const reply = jsonReply(describeJob(shown, occasion))
  return { ...reply, body: spellVersions(String(reply.body)) }
}

function isTooEarly(job: Job): boolean {
  return job.state === 'JobComplete' && !job.seenInProgress && job.processed > quickRows
}

/** A page of the list of jobs. `queryLocator` is where the page begins. */
export function jobListReply(
  { jobs, options }: Pick<OrgParts, 'jobs' | 'options'>,
  kind: Job['kind'],
  query: URLSearchParams,
  path: string,
): Reply {
  const start = readListLocator(query.get('queryLocator'))
  const found = jobs.list(kind, start, options.listRows + 1)
  const done = found.length <= options.listRows
  const wanted = query.get('jobType')
  const isOfKind = wanted === null || wanted === (kind === 'ingest' ? 'V2Ingest' : 'V2Query')
  const locator = Buffer.from(String(start + options.listRows)).toString('base64url')
  const reply = jsonReply({
    done,
    records: isOfKind ? found.slice(0, options.listRows).map((job) => describeJob(job, 'listed')) : [],
    nextRecordsUrl: done ? null : `${path.replace(/\/$/, '')}?queryLocator=${locator}`,
  })
  return { ...reply, body: spellVersions(String(reply.body)) }
}

export function findJob({ jobs }: Pick<OrgParts, 'jobs'>, kind: Job['kind'], id: string | undefined): Job {
  const job = jobs.find(kind, id ?? '')
  if (job === undefined) throw notFound()
  return job
}

/** Locators are numbers that clients are not meant to read: base64 without its padding. */
export function readLocator(text: string): number | undefined {
  const number = Buffer.from(text, 'base64url').toString('latin1')
  return /^\d{1,15}$/.test(number) ? Number(number) : undefined
}

function readListLocator(text: string | null): number {
  const start = text === null ? 0 : readLocator(text)
  if (start === undefined) throw new Refusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator')
  return start
}
