import type { Job, JobState } from '../jobs/job.ts'
import type { OrgParts } from '../parts.ts'
import { findJob, jobReply } from './job-reply.ts'
import { Refusal } from './refusal.ts'
import type { Reply } from './reply.ts'

/** Which states a change may start from, and what the service calls the change. */
const changes = {
  UploadComplete: { verb: 'Closing', from: { ingest: ['Open'], query: [] } },
  Aborted: {
    verb: 'Aborting',
    from: { ingest: ['Open', 'UploadComplete', 'InProgress'], query: ['UploadComplete', 'InProgress'] },
  },
} as const satisfies Record<string, { verb: string; from: Record<Job['kind'], readonly JobState[]> }>

/** PATCH of a job: `{"state":"UploadComplete"}` starts it, `{"state":"Aborted"}` stops it; nothing else may be said. */
export function changeJobState(parts: OrgParts, job: Job, body: Readonly<Record<string, unknown>>): Reply {
  const { state, ...others } = body
  const [other] = Object.keys(others)
  if (other !== undefined) throw new Refusal(400, 'INVALIDJOB', `InvalidJob : Field ${other} cannot be changed`)
  if (state !== 'UploadComplete' && state !== 'Aborted') {
    throw new Refusal(400, 'INVALIDJOB', `InvalidJob : Unknown job state: ${String(state)}`)
  }
  const { verb, from } = changes[state]
  const isClosedEmpty = state === 'UploadComplete' && job.state === 'Open' && job.uploadBytes === -1
  if (isClosedEmpty) throw new Refusal(400, 'INVALIDJOBSTATE', 'Closing a job without content not allowed')
  if (!parts.jobs.changeState(job.id, from[job.kind], state)) {
    const { state: now } = findJob(parts, job.kind, job.id)
    const adjective = now === 'JobComplete' ? 'Completed' : now
    throw new Refusal(400, 'INVALIDJOBSTATE', `${verb} already ${adjective} Job not allowed`)
  }
  if (state === 'UploadComplete') parts.runner.wake()
  else parts.snapshots.take(job.id)?.close()
  return jobReply(parts, findJob(parts, job.kind, job.id), 'changed')
}
