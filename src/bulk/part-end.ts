import type { PartEnd } from '../load/transport.ts'
import type { JobInfo } from './job-info.ts'

/** How an ended job ended, in the words of a load. */
export function partEnd(job: JobInfo): PartEnd {
  const rejected = job.numberRecordsFailed ?? 0
  return {
    state: job.state === 'JobComplete' ? 'complete' : job.state === 'Failed' ? 'failed' : 'aborted',
    errorMessage: job.errorMessage,
    accepted: Math.max(0, (job.numberRecordsProcessed ?? 0) - rejected),
    rejected,
  }
}
