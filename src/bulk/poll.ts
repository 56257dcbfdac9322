import { UnfinishedError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import type { CallReserve } from './call-reserve.ts'
import type { Clock } from './clock.ts'
import { fetchJob, hasEnded, type JobFamily, type JobInfo } from './job-info.ts'

export interface Wait {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Milliseconds since 1970 at which waiting ends; without it a job is waited for however long it takes. */
  readonly deadline?: number | undefined
  /** Rows of the job where they are known: the rest of the time is then judged by the progress. */
  readonly rows?: number | undefined
  /** Milliseconds that sending them took: what comes in at once is often done soon. */
  readonly sendTime?: number | undefined
  /** Keeps calls back; default: there is no limit. */
  readonly reserve?: Pick<CallReserve, 'beforePoll' | 'isScarce'> | undefined
  /** Told of every answer. */
  readonly onState?: ((job: JobInfo) => void) | undefined
}

/**
 * Waits until a job has ended and returns its last state. Every question costs a call, so the pauses grow and follow the
 * job's progress. A question that fails in passing (host away, 503) is asked again.
 *
 * Throws `UnfinishedError` when the time is over, when the signal says so, or when the org has not answered for an hour.
 * The job itself is left alone in each case: it goes on and can be collected later. Other errors are those of `Org.send`.
 */
export async function waitForEnd(org: Org, family: JobFamily, id: string, wait: Wait): Promise<JobInfo> {
  const { clock, signal, deadline, rows } = wait
  const started = clock.now()
  let lastAnswer = started
  let processed = 0
  let quiet = 0
  for (let asked = 0; ; asked++) {
    const growth = wait.reserve?.isScarce() ? scarceGrowth : 1
    const elapsed = lastAnswer - started
    const pause = growth * pauseBefore({ family, asked, quiet, processed, rows, sendTime: wait.sendTime, elapsed })
    const left = deadline === undefined ? Number.POSITIVE_INFINITY : deadline - clock.now()
    // A job may have ended before anybody waited for it: it is asked for once, however little time is given.
    if (left <= 0 && asked > 0) throw timeIsOver(id)
    await clock.sleep(Math.max(0, Math.min(pause, left)), signal)
    if (signal.aborted) throw interrupted(id)
    wait.reserve?.beforePoll()
    quiet++
    try {
      const job = await fetchJob(org, family, id, signal)
      wait.onState?.(job)
      if (hasEnded(job)) return job
      lastAnswer = clock.now()
      if ((job.numberRecordsProcessed ?? 0) > processed) quiet = 0
      processed = job.numberRecordsProcessed ?? processed
    } catch (error) {
      if (signal.aborted) throw interrupted(id)
      if (!isPassing(error)) throw error
      if (clock.now() - lastAnswer > longestSilence) throw noAnswer(id, error)
    }
  }
}

/** What is known of a job when the next pause is chosen. */
export interface Progress {
  readonly family: JobFamily
  /** Questions asked so far. */
  readonly asked: number
  /** Questions asked since the job last said that more rows were done. */
  readonly quiet: number
  readonly processed: number
  /** All rows of the job, where that is known. */
  readonly rows: number | undefined
  /** Milliseconds that sending them took, where that is known. */
  readonly sendTime?: number | undefined
  /** Milliseconds from the beginning of the wait to the latest answer. */
  readonly elapsed: number
}

/**
 * Milliseconds to wait before the next question. The pauses grow towards half a minute; where the rows done so far say
 * how long the others will take, that is waited for, and the growth begins anew with every progress.
 */
export function pauseBefore(progress: Progress): number {
  const { family, asked, quiet, processed, rows, sendTime, elapsed } = progress
  const hasManyRows = rows !== undefined && rows > manyRows
  if (asked === 0 && sendTime !== undefined && hasManyRows) {
    return Math.min(sendTime / 20, pausesOfManyRows[0]!)
  }
  const pauses = hasManyRows ? pausesOfManyRows : growingPauses[family]
  if (family === 'query' && !hasManyRows && sendTime !== undefined && 2 * sendTime < pauses[0]!) {
    return asked < 2 ? sendTime * 2 ** asked : (pauses[asked - 2] ?? longestPause)
  }
  if (rows === undefined || processed <= 0) return pauses[asked] ?? longestPause
  const remaining = (elapsed / processed) * Math.max(0, rows - processed)
  return Math.min(Math.max(remaining, pauses[quiet + 1] ?? longestPause), longestPause)
}

const longestPause = 30_000
/** How much longer the pauses are when few calls are left. */
const scarceGrowth = 4

/**
 * Somebody often sits and waits for a query, and small ones end at once; a load of any size takes the service a while. An org
 * that takes a query within milliseconds (the local one) is asked at once, too.
 */
const growingPauses: Readonly<Record<JobFamily, readonly number[]>> = {
  query: [100, 400, 500, 1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 20_000],
  ingest: [250, 750, 1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 20_000],
}

/** Rows that no job has done within a second, unless they came in within less: asking before is a call for nothing. */
const manyRows = 1_000
const pausesOfManyRows: readonly number[] = [1_000, 2_000, 4_000, 8_000, 16_000]

const longestSilence = 3_600_000

function timeIsOver(id: string): UnfinishedError {
  return new UnfinishedError(`the time given is over and job ${id} is still at work; it goes on by itself`, {
    code: 'WAIT_OVER',
  })
}

function interrupted(id: string): UnfinishedError {
  return new UnfinishedError(`interrupted while job ${id} was at work; it goes on by itself`, { code: 'INTERRUPTED' })
}

function noAnswer(id: string, cause: unknown): UnfinishedError {
  return new UnfinishedError(`the org has not answered for an hour; job ${id} goes on by itself`, {
    code: 'NO_ANSWER',
    cause,
  })
}
