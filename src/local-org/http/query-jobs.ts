import { columnDelimiters, type Job, lineEndings } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import { type ApiRequest, readJsonObject } from './api-request.ts'
import { readChoice, readKey, readText, refuseUnknownKeys } from './job-body.ts'
import { findJob, jobListReply, jobReply } from './job-reply.ts'
import { changeJobState } from './job-state.ts'
import { queryPageReply, resultPagesReply } from './query-results.ts'
import { Refusal } from './refusal.ts'
import { emptyReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'

const path = '/services/data/v:version/jobs/query'

/** Bulk API 2.0 query. Bulk API guide, "Bulk API 2.0 Query". */
export function queryJobRoutes(parts: OrgParts): readonly Route[] {
  const since = 47
  const job = ({ params }: ApiRequest) => findJob(parts, 'query', params.id)
  return [
    {
      method: 'POST',
      path,
      since,
      handle: async (request) => createQueryJob(parts, request, await readJsonObject(request)),
    },
    { method: 'GET', path, since, handle: (request) => jobListReply(parts, 'query', request.query, request.path) },
    { method: 'GET', path: `${path}/:id`, since, handle: (request) => jobReply(parts, job(request), 'asked') },
    {
      method: 'PATCH',
      path: `${path}/:id`,
      since,
      handle: async (request) => changeJobState(parts, job(request), await readJsonObject(request)),
    },
    { method: 'DELETE', path: `${path}/:id`, since, handle: (request) => removeJob(parts, job(request)) },
    {
      method: 'GET',
      path: `${path}/:id/results`,
      since,
      handle: (request) => queryPageReply(parts, job(request), request),
    },
    {
      method: 'GET',
      path: `${path}/:id/resultPages`,
      since: 58,
      handle: (request) => resultPagesReply(parts, job(request), request),
    },
  ]
}

/** Unlike an ingest job, a query job starts by itself; what is wrong with the query is said at once. */
function createQueryJob(parts: OrgParts, request: ApiRequest, body: Readonly<Record<string, unknown>>): Reply {
  refuseUnknownKeys(body, ['operation', 'query', 'contentType', 'columnDelimiter', 'lineEnding'])
  const operation = readChoice(body, 'operation', ['query', 'queryAll'])
  const query = readText(body, 'query')
  if (operation === undefined) throw new Refusal(400, 'INVALIDJOB', 'InvalidJob : No operation was specified')
  if (query === undefined) throw new Refusal(400, 'INVALIDJOB', 'InvalidJob : No query was specified')
  readChoice(body, 'contentType', ['CSV'])
  const columnDelimiter = readKey(body, 'columnDelimiter', columnDelimiters) ?? 'COMMA'
  const lineEnding = readKey(body, 'lineEnding', lineEndings) ?? 'LF'
  const result = parts.engine.query(query, { all: operation === 'queryAll', surface: 'bulk' })
  const job = parts.jobs.create({
    kind: 'query',
    operation,
    object: result.object,
    externalIdField: '',
    assignmentRuleId: '',
    query,
    columnDelimiter,
    lineEnding,
    apiVersion: request.version,
    createdBy: request.session.userId,
    state: 'UploadComplete',
  })
  parts.snapshots.keep(job.id, result)
  parts.usage.add('bulkQueryJobs', 1)
  parts.runner.wake()
  return jobReply(parts, job, 'created')
}

function removeJob({ jobs, pages }: OrgParts, job: Job): Reply {
  if (job.state !== 'JobComplete' && job.state !== 'Failed' && job.state !== 'Aborted') {
    const message = 'Error encountered when deleting the job because the job is not terminated'
    throw new Refusal(400, 'API_ERROR', message)
  }
  jobs.remove(job.id)
  pages.remove(job.id)
  return emptyReply()
}
