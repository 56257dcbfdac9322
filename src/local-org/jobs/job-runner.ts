import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { isBusy } from '../is-busy.ts'
import type { OrgParts } from '../parts.ts'
import type { Job } from './job.ts'
import { JobLost } from './job-lost.ts'
import { processIngest } from './process-ingest.ts'
import { processQuery } from './process-query.ts'

/** Works on jobs in the background of the process, other requests being answered in between. */
export interface JobRunner {
  /** Says that there may be a job to do. */
  wake(): void
  /** Stops at the next pause and gives the jobs back: the next process to open the file goes on with them. */
  close(): void
}

/** Jobs that are worked on at the same time. */
const jobsAtOnce = 5

/** How often jobs that another process left behind are looked for, and this one says that it lives. */
const lookAroundMs = 1000

class RunnerClosed extends Error {}

export type RunnerParts = Pick<
  OrgParts,
  'storage' | 'engine' | 'jobs' | 'uploads' | 'results' | 'pages' | 'snapshots' | 'usage' | 'options'
>

export function startJobRunner(parts: RunnerParts): JobRunner {
  const { jobs, options } = parts
  const closing = new AbortController()
  let active = 0

  /** What cannot be done because the database is busy is tried again at the next look around. */
  function wake(): void {
    if (closing.signal.aborted) return
    try {
      takeJobs()
    } catch (error) {
      if (!isBusy(error)) throw error
    }
  }

  function takeJobs(): void {
    if (active > 0) jobs.beat()
    for (const id of jobs.waiting()) {
      if (active >= jobsAtOnce) return
      const job = jobs.claim(id)
      if (job === undefined) continue
      active += 1
      work(job).finally(() => {
        active -= 1
        wake()
      })
    }
  }

  async function work(job: Job): Promise<void> {
    try {
      await pause()
      if (options.neverFinish) await waitFor(Number.POSITIVE_INFINITY, job)
      await waitFor(options.jobDelayMs, job)
      await (job.kind === 'ingest' ? processIngest(parts, job, pause) : processQuery(parts, job, pause))
    } catch (error) {
      if (error instanceof JobLost || error instanceof RunnerClosed || closing.signal.aborted) return
      // What was not committed is done again, from the row on that was.
      if (isBusy(error)) return work(jobs.find(job.kind, job.id) ?? job)
      const text = error instanceof Error ? error.message : String(error)
      jobs.progress(job.id, { state: 'Failed', errorMessage: `InternalServerError : ${text}` })
    }
  }

  /** Lets waiting requests have their turn. Throws when the runner was closed meanwhile. */
  async function pause(): Promise<void> {
    await nextTurn()
    if (closing.signal.aborted) throw new RunnerClosed()
  }

  /** Waits in short steps, so that an abort of the job is noticed. */
  async function waitFor(milliseconds: number, job: Job): Promise<void> {
    const step = 20
    for (let waited = 0; waited < milliseconds; waited += step) {
      await delay(Math.min(step, milliseconds - waited), undefined, { ref: false })
      await pause()
      if (!jobs.holds(job.id)) throw new JobLost(job.id)
    }
  }

  const lookAround = setInterval(() => {
    wake()
  }, lookAroundMs)
  lookAround.unref()

  return {
    wake: () => setImmediate(wake),
    close() {
      clearInterval(lookAround)
      closing.abort()
      jobs.release()
    },
  }
}
