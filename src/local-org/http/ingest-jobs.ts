import { resultFile, unprocessedFile } from '../jobs/ingest-files.ts'
import type { Job } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, readJsonObject } from './api-request.ts'
import { createIngestJob, createMultipartJob } from './create-ingest-job.ts'
import { findJob, jobListReply, jobReply } from './job-reply.ts'
import { changeJobState } from './job-state.ts'
import { readMultipart } from './multipart.ts'
import { Refusal } from './refusal.ts'
import { csvReply, emptyReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'
import { receiveUpload } from './upload.ts'

const path = '/services/data/v:version/jobs/ingest'

/** Bulk API 2.0 ingest. Bulk API guide, "Bulk API 2.0 Ingest". */
export function ingestJobRoutes(parts: OrgParts): readonly Route[] {
  const since = 41
  const job = ({ params }: ApiRequest) => findJob(parts, 'ingest', params.id)
  return [
    { method: 'POST', path, since, handle: (request) => create(parts, request) },
    { method: 'GET', path, since, handle: (request) => jobListReply(parts, 'ingest', request.query, request.path) },
    { method: 'GET', path: `${path}/:id`, since, handle: (request) => jobReply(parts, job(request), 'asked') },
    {
      method: 'PATCH',
      path: `${path}/:id`,
      since,
      handle: async (request) => changeJobState(parts, job(request), await readJsonObject(request)),
    },
    { method: 'DELETE', path: `${path}/:id`, since, handle: (request) => removeJob(parts, job(request)) },
    {
      method: 'PUT',
      path: `${path}/:id/batches`,
      since,
      handle: (request) => receiveUpload(parts, job(request), request),
    },
    {
      method: 'GET',
      path: `${path}/:id/successfulResults`,
      since,
      handle: (request) => csvReply(resultFile(parts, ended(job(request)), 'successful')),
    },
    {
      method: 'GET',
      path: `${path}/:id/failedResults`,
      since,
      handle: (request) => csvReply(resultFile(parts, ended(job(request)), 'failed')),
    },
    {
      method: 'GET',
      path: `${path}/:id/unprocessedrecords`,
      since,
      handle: (request) => csvReply(unprocessedFile(parts, ended(job(request)))),
    },
  ]
}

async function create(parts: OrgParts, request: ApiRequest): Promise<Reply> {
  const contentType = request.headers['content-type'] ?? ''
  if (/^multipart\/form-data\b/i.test(contentType)) {
    const job = await createMultipartJob(parts, request, await readMultipart(request, contentType))
    parts.runner.wake()
    return jobReply(parts, job, 'created-with-content')
  }
  return jobReply(parts, createIngestJob(parts, request, await readJsonObject(request)), 'created')
}

function ended(job: Job): Job {
  if (job.state === 'JobComplete' || job.state === 'Failed' || job.state === 'Aborted') return job
  throw new Refusal(400, 'INVALIDJOBSTATE', `Results are not available for a job in state ${job.state}`)
}

function removeJob({ jobs, uploads, results }: OrgParts, job: Job): Reply {
  if (job.state === 'Open' || job.state === 'InProgress') {
    throw new Refusal(400, 'INVALIDJOBSTATE', `Deleting a job in state ${job.state} not allowed`)
  }
  jobs.remove(job.id)
  uploads.remove(job.id)
  results.remove(job.id)
  return emptyReply()
}
