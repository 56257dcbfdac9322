import { callLimitReached } from '../org/budget.ts'
import type { Org } from '../org/org.ts'

/**
 * Keeps calls back for the jobs that run: a job whose results could not be fetched would leave its rows unknown. Without a
 * limit of calls it does nothing.
 */
export interface CallReserve {
  /**
   * Sets aside what a job needs: its start, a question for its state, its results. Throws `UnfinishedError` with code
   * `CALL_LIMIT` when that is no longer left; nothing has been asked of the org then.
   */
  begin(start: number): void
  /** The job has been started, or was not: what its start needed is free again. `job`: its Id. */
  started(start: number, job: string | undefined): void
  /** A job of an earlier process is waited for. */
  takeUp(job: string): void
  /** Throws `UnfinishedError` when the calls that are left are needed for results. */
  beforePoll(): void
  /** Whether the pauses between questions should be long. */
  isScarce(): boolean
  /** The results of a job have been read, or never will be; they may be read more than once. */
  ended(job: string): void
}

/** The three result files of a job. */
const callsOfResults = 3
/** A question for the state, at least. */
const callsOfWait = 1
/** With fewer calls than this for each job that runs, questions are asked more seldom. */
const scarcePolls = 4

export function createCallReserve(org: Pick<Org, 'callLimits' | 'usage' | 'callsLeft'>): CallReserve {
  let starting = 0
  const running = new Set<string>()
  const free = () => org.callsLeft() - starting - running.size * callsOfResults
  return {
    begin(start) {
      const needed = start + callsOfWait + callsOfResults
      if (free() < needed) {
        throw callLimitReached(org.callLimits, org.usage, `another job needs ${needed} calls, so none is begun`)
      }
      starting += needed
    },
    started(start, job) {
      starting -= start + callsOfWait + callsOfResults
      if (job !== undefined) running.add(job)
    },
    takeUp(job) {
      running.add(job)
    },
    beforePoll() {
      if (free() >= 1) return
      throw callLimitReached(org.callLimits, org.usage, 'the jobs that run go on by themselves')
    },
    isScarce: () => free() < scarcePolls * Math.max(1, running.size),
    ended(job) {
      running.delete(job)
    },
  }
}
