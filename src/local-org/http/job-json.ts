import type { Job } from '../jobs/job.ts'

/** The occasions on which a job is described; each has its own set of keys, as recorded of the service. */
export type JobOccasion = 'created' | 'created-with-content' | 'changed' | 'listed' | 'asked'

/** A job as JSON. Bulk API guide, "Create a Job", "Get Information About an Ingest Job", "… a Query Job". */
export function describeJob(job: Job, occasion: JobOccasion): Record<string, unknown> {
  const version = job.apiVersion.toFixed(1)
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdBy,
    createdDate: formatTime(job.createdAt),
    systemModstamp: formatTime(job.modifiedAt),
    state: job.state,
    ...(job.externalIdField === '' ? {} : { externalIdFieldName: job.externalIdField }),
    ...(job.assignmentRuleId === '' ? {} : { assignmentRuleId: job.assignmentRuleId }),
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: job.apiVersion,
    ...(hasContentUrl(job, occasion) ? { contentUrl: `services/data/v${version}/jobs/ingest/${job.id}/batches` } : {}),
    ...(occasion === 'asked' || occasion === 'listed' ? { jobType: jobType(job) } : {}),
    ...(occasion === 'changed' && job.kind === 'ingest'
      ? {}
      : { lineEnding: job.lineEnding, columnDelimiter: job.columnDelimiter }),
    ...(occasion === 'asked' ? describeProgress(job) : {}),
  }
}

/** JSON has no way to write 66.0 that `JSON.stringify` would take: the version is put in as text and set free here. */
export function spellVersions(json: string): string {
  return json.replace(/"apiVersion":(\d+)(?=[,}])/g, '"apiVersion":$1.0')
}

function hasContentUrl(job: Job, occasion: JobOccasion): boolean {
  return job.kind === 'ingest' && job.state === 'Open' && (occasion === 'created' || occasion === 'asked')
}

function jobType(job: Job): string {
  return job.kind === 'ingest' ? 'V2Ingest' : 'V2Query'
}

/** There are no counters before the upload, and only the first of them before it is complete. */
function describeProgress(job: Job): Record<string, unknown> {
  if (job.kind === 'ingest' && job.uploadBytes === -1) return {}
  if (job.state === 'Open') return { numberRecordsProcessed: 0 }
  return {
    numberRecordsProcessed: job.processed,
    ...(job.kind === 'ingest' ? { numberRecordsFailed: job.failed } : {}),
    retries: 0,
    totalProcessingTime: job.activeMs,
    ...(job.kind === 'ingest'
      ? { apiActiveProcessingTime: job.activeMs, apexProcessingTime: 0 }
      : { isPkChunkingSupported: false }),
    ...(job.errorMessage === '' ? {} : { errorMessage: job.errorMessage }),
  }
}

/** `2022-01-02T21:33:43.000+0000`: to the second, the offset without a colon. */
function formatTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.000+0000`
}
