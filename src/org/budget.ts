import { UnfinishedError } from '../errors.ts'
import type { Usage } from './org.ts'

/** How many API calls a run may make. */
export interface CallLimits {
  /** Most calls of this run. */
  readonly maxApiCalls?: number | undefined
  /** Percent of the org's calls of a day that are left to others. It holds as soon as the org has told how many it has. */
  readonly reservePercent?: number | undefined
}

/** Calls that may still be made; infinite without limits. */
export function countCallsLeft({ maxApiCalls, reservePercent }: CallLimits, { apiCalls, orgCalls }: Usage): number {
  const own = maxApiCalls === undefined ? Number.POSITIVE_INFINITY : maxApiCalls - apiCalls
  if (reservePercent === undefined || orgCalls === undefined) return own
  // Not every answer tells: the calls of this run since then are the org's, too.
  const since = apiCalls - (orgCalls.told ?? apiCalls)
  return Math.min(own, shareOf(reservePercent, orgCalls.max) - orgCalls.used - since)
}

/** Says which limit does not allow what was to come next. `what`: the rest of a sentence, such as `no other job is begun`. */
export function callLimitReached(limits: CallLimits, usage: Usage, what: string): UnfinishedError {
  const { maxApiCalls, reservePercent = 0 } = limits
  const { apiCalls, orgCalls } = usage
  const isOwn = maxApiCalls !== undefined && countCallsLeft(limits, usage) === maxApiCalls - apiCalls
  const reason =
    isOwn || orgCalls === undefined
      ? `${apiCalls} of ${maxApiCalls} API calls are used (--max-api-calls)`
      : `${orgCalls.used} of the org's ${orgCalls.max} API calls are used, and ${reservePercent} % are kept for others (--reserve)`
  return new UnfinishedError(`${reason}: ${what}`, {
    code: 'CALL_LIMIT',
    hint: isOwn ? 'allow more calls' : 'go on tomorrow, or keep less for others',
  })
}

function shareOf(reservePercent: number, max: number): number {
  return Math.floor((max * (100 - reservePercent)) / 100)
}
