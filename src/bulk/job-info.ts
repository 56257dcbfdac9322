import type { Org, OrgResponse } from '../org/org.ts'

/** States of a Bulk API 2.0 job; query jobs have no `Open`. */
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

/**
 * What the service says of a job, as far as it is read here. Which keys are there differs by request and version: the
 * answers to create and close have no counters, an open job may have none either. Source: Bulk API 2.0 guide, "Get
 * Information About an Ingest Job" and "… a Query Job".
 */
export interface JobInfo {
  readonly id: string
  readonly state: JobState
  readonly object?: string
  readonly operation?: string
  readonly externalIdFieldName?: string
  readonly createdById?: string
  readonly createdDate?: string
  /** Rows worked on, rejected ones included; for a query, rows of the result. */
  readonly numberRecordsProcessed?: number
  readonly numberRecordsFailed?: number
  /** Only when the job failed as a whole. */
  readonly errorMessage?: string
}

/** The two families of jobs: the segment of the path below `/jobs`. */
export type JobFamily = 'ingest' | 'query'

/** Whether the job will not change any more. */
export function hasEnded(job: JobInfo): boolean {
  return job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted'
}

/** State and counters of a job. Throws as `Org.send` does; an unknown job is an `ApiError` with status 404. */
export async function fetchJob(org: Org, family: JobFamily, id: string, signal?: AbortSignal): Promise<JobInfo> {
  const answer = await org.send({ method: 'GET', path: `/jobs/${family}/${id}`, signal })
  return withNumbers(await answer.json<JobInfo>())
}

/** Counters that came as text, as other numbers of a job do in some versions, are made numbers: texts would be joined, not added. */
function withNumbers(job: JobInfo): JobInfo {
  const { numberRecordsProcessed: processed, numberRecordsFailed: failed } = job
  return {
    ...job,
    ...(processed === undefined ? {} : { numberRecordsProcessed: Number(processed) }),
    ...(failed === undefined ? {} : { numberRecordsFailed: Number(failed) }),
  }
}

/** Stops a job. An open or waiting job then never starts; rows that a running one has written stay written. */
export async function abortJob(org: Org, family: JobFamily, id: string): Promise<JobInfo> {
  const answer = await org.send({ ...jsonBody({ state: 'Aborted' }), method: 'PATCH', path: `/jobs/${family}/${id}` })
  return await answer.json<JobInfo>()
}

/** Removes an ended job and its results from the server. */
export async function deleteJob(org: Org, family: JobFamily, id: string): Promise<void> {
  const answer = await org.send({ method: 'DELETE', path: `/jobs/${family}/${id}` })
  await answer.text()
}

/** A page of the list of jobs. */
export interface JobPage {
  /** Without counters. */
  readonly jobs: readonly JobInfo[]
  /** What the service's clock says, in milliseconds since 1970. */
  readonly time: number | undefined
}

/** The jobs that the org still knows, a thousand a request, in no promised order. */
export async function* listJobs(org: Org, family: JobFamily, signal?: AbortSignal): AsyncGenerator<JobPage> {
  let path: string | null = `/jobs/${family}`
  while (path !== null) {
    const answer: OrgResponse = await org.send({ method: 'GET', path, signal })
    const time = Date.parse(answer.headers.date ?? '')
    const page: JobList = await answer.json<JobList>()
    yield { jobs: page.records, time: Number.isNaN(time) ? undefined : time }
    path = page.done ? null : (page.nextRecordsUrl ?? null)
  }
}

interface JobList {
  readonly done: boolean
  readonly records: readonly JobInfo[]
  readonly nextRecordsUrl?: string | null
}

/** Headers and body of a request that sends JSON. */
export function jsonBody(value: unknown): { readonly headers: Record<string, string>; readonly body: string } {
  return { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: JSON.stringify(value) }
}
