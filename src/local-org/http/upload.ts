import type { Job } from '../jobs/job.ts'
import { UploadTooLarge } from '../jobs/uploads.ts'
import type { OrgParts } from '../parts.ts'
import type { ApiRequest } from './api-request.ts'
import { findJob } from './job-reply.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'

/** The service takes 150 MB in a job. */
const largestUpload = 150_000_000

/** Uploads that are coming in: a job has room for one only. */
const receiving = new Set<string>()

/** PUT of a job's one upload: text/csv, not packed, while the job is open. */
export async function receiveUpload(parts: OrgParts, job: Job, request: ApiRequest): Promise<Reply> {
  checkHeaders(request)
  if (job.state !== 'Open') {
    throw new Refusal(400, 'INVALIDJOBSTATE', `Uploading to a job in state ${job.state} not allowed`)
  }
  if (job.uploadBytes !== -1 || receiving.has(job.id)) throw secondUpload(job)
  receiving.add(job.id)
  try {
    const facts = await parts.uploads.store(job.id, request.bytes(), largestUpload)
    findJob(parts, 'ingest', job.id)
    parts.jobs.setUpload(job.id, facts)
  } catch (error) {
    if (!(error instanceof UploadTooLarge)) throw error
    throw new Refusal(413, 'REQUEST_TOO_LARGE', 'The upload is larger than 150 MB')
  } finally {
    receiving.delete(job.id)
  }
  return { status: 201, headers: {} }
}

function checkHeaders({ headers }: ApiRequest): void {
  const type = headers['content-type'] ?? '(none)'
  if (!/^text\/csv\s*(;|$)/i.test(type)) {
    throw new Refusal(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content type ${type} not supported: the upload of a job is text/csv`,
    )
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    throw new Refusal(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      `Content-Encoding ${encoding} not supported for the upload of a job`,
    )
  }
}

function secondUpload({ id }: Job): Refusal {
  return new Refusal(400, 'INVALIDJOBSTATE', `Found multiple contents for job: <${id}>`)
}
