import { randomUUID } from 'node:crypto'
import type { PartKind } from '../load/transport.ts'
import { ForeignAnswerError } from '../org/cut-answer.ts'
import type { Org, OrgResponse } from '../org/org.ts'
import { type JobInfo, jsonBody } from './job-info.ts'

/** What a job is. */
export interface JobKind extends PartKind {
  /** Leads and cases: Id of an assignment rule to run. */
  readonly assignmentRule?: string | undefined
}

/**
 * Opens a job that takes one upload. Asking twice does no harm: an open job without data is never started, so the
 * request is repeated when its answer is lost.
 */
export async function createJob(org: Org, kind: JobKind, signal?: AbortSignal): Promise<JobInfo> {
  const answer = await org.send({
    ...jsonBody(jobRequest(kind)),
    method: 'POST',
    path: '/jobs/ingest',
    repeatable: true,
    signal,
  })
  return await answer.json<JobInfo>()
}

/**
 * Opens, fills and starts a job by one request. The service documents 100,000 characters of CSV, older pages 20,000.
 * The request starts the work, so it must never be repeated blindly; nor is it broken off, since it is short.
 */
export async function createJobWithContent(org: Org, kind: JobKind, csv: Buffer): Promise<JobInfo> {
  const boundary = `sfbulk-${randomUUID()}`
  const answer = await org.send({
    method: 'POST',
    path: '/jobs/ingest',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n` +
          `Content-Disposition: form-data; name="job"\r\n\r\n${JSON.stringify(jobRequest(kind))}\r\n` +
          `--${boundary}\r\nContent-Type: text/csv; charset=UTF-8\r\n` +
          'Content-Disposition: form-data; name="content"; filename="content"\r\n\r\n',
      ),
      csv,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
    repeatable: false,
  })
  return await answer.json<JobInfo>()
}

/**
 * Sends the rows of a job; a job takes this once. It is not repeated here nor by the connection: what became of a broken
 * upload is not known, so its job is given up.
 */
export async function uploadRows(
  org: Org,
  id: string,
  body: Buffer | (() => AsyncIterable<Uint8Array>),
  signal?: AbortSignal,
): Promise<void> {
  const answer = await org.send({
    method: 'PUT',
    path: `/jobs/ingest/${id}/batches`,
    headers: { 'content-type': 'text/csv; charset=UTF-8' },
    body,
    repeatable: false,
    signal,
  })
  await answer.text()
}

/** Says that the upload is complete; the service starts to work. Throws `ApiError` INVALIDJOBSTATE when it already had. */
export async function closeJob(org: Org, id: string): Promise<JobInfo> {
  const answer = await org.send({
    ...jsonBody({ state: 'UploadComplete' }),
    method: 'PATCH',
    path: `/jobs/ingest/${id}`,
  })
  return await answer.json<JobInfo>()
}

/** The three result files of a job, as they are spelt in its path. */
export type ResultFile = 'successfulResults' | 'failedResults' | 'unprocessedrecords'

/**
 * One result file as a stream of CSV: LF, comma, UTF-8, as the job was created. An empty one is its header line. Throws
 * `ForeignAnswerError` for a page, which would else pass for a file without rows.
 */
export async function fetchResultFile(
  org: Org,
  id: string,
  file: ResultFile,
  signal?: AbortSignal,
): Promise<OrgResponse> {
  const answer = await org.send({
    method: 'GET',
    path: `/jobs/ingest/${id}/${file}`,
    headers: { accept: 'text/csv' },
    signal,
  })
  if (!/^\s*text\/html/i.test(answer.headers['content-type'] ?? '')) return answer
  answer.body.destroy()
  throw new ForeignAnswerError(`${new URL(org.instanceUrl).host} answered ${file} of job ${id}`, undefined, 'CSV')
}

function jobRequest(kind: JobKind): Record<string, string> {
  return {
    object: kind.object,
    operation: kind.operation,
    ...(kind.externalIdField === undefined ? {} : { externalIdFieldName: kind.externalIdField }),
    ...(kind.assignmentRule === undefined ? {} : { assignmentRuleId: kind.assignmentRule }),
    contentType: 'CSV',
    columnDelimiter: 'COMMA',
    // Written out although it is the default: rows are sent with LF alone, inside cells as well.
    lineEnding: 'LF',
  }
}
