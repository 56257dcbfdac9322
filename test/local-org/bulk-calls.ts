import { parse } from 'csv-parse/sync'
import type { TestOrg } from '../support/org.ts'

export interface JobInfo {
  readonly id: string
  readonly state: string
  readonly numberRecordsProcessed?: number
  readonly numberRecordsFailed?: number
  readonly errorMessage?: string
}

export type Rows = Record<string, string>[]

/** What a job came to: how it ended and its three result files, by column. */
export interface LoadResult {
  readonly info: JobInfo
  readonly successful: Rows
  readonly failed: Rows
  readonly unprocessed: Rows
}

/** Creates, uploads, closes, waits and reads the results. */
export async function load(org: TestOrg, job: Readonly<Record<string, unknown>>, csv: string): Promise<LoadResult> {
  const id = await submit(org, job, csv)
  const info = await waitForEnd(org, `jobs/ingest/${id}`)
  const delimiter = { TAB: '\t', SEMICOLON: ';' }[String(job.columnDelimiter)] ?? ','
  const read = async (file: string): Promise<Rows> => {
    const text = await (await org.call('GET', `jobs/ingest/${id}/${file}`)).text()
    return parse(text, { columns: true, delimiter })
  }
  return {
    info,
    successful: await read('successfulResults'),
    failed: await read('failedResults'),
    unprocessed: await read('unprocessedrecords'),
  }
}

/** Creates, uploads and closes a job. */
export async function submit(org: TestOrg, job: Readonly<Record<string, unknown>>, csv: string): Promise<string> {
  const { id } = await create(org, job)
  const put = await org.call('PUT', `jobs/ingest/${id}/batches`, csv, { 'Content-Type': 'text/csv' })
  if (put.status !== 201) throw new Error(`PUT: ${put.status} ${await put.text()}`)
  const patch = await org.call('PATCH', `jobs/ingest/${id}`, { state: 'UploadComplete' })
  if (patch.status !== 200) throw new Error(`PATCH: ${patch.status} ${await patch.text()}`)
  return id
}

export async function create(org: TestOrg, job: Readonly<Record<string, unknown>>): Promise<JobInfo> {
  const response = await org.call('POST', 'jobs/ingest', { contentType: 'CSV', operation: 'insert', ...job })
  if (response.status !== 200) throw new Error(`POST: ${response.status} ${await response.text()}`)
  return (await response.json()) as JobInfo
}

/** Asks until the job has ended; the server works in the turns of the event loop between two questions. */
export async function waitForEnd(org: TestOrg, path: string): Promise<JobInfo> {
  for (;;) {
    const info = (await (await org.call('GET', path)).json()) as JobInfo
    if (['JobComplete', 'Failed', 'Aborted'].includes(info.state)) return info
  }
}

/** Status and first error of an answer. */
export async function refusal(response: Response): Promise<{ status: number; errorCode?: string; message?: string }> {
  const body: unknown = await response.json()
  const [error] = Array.isArray(body) ? body : [body]
  return { status: response.status, ...error }
}
