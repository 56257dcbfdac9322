import { ApiError } from '../errors.ts'
import { AnswerError } from './answer-error.ts'
import { CutAnswerError, ForeignAnswerError } from './cut-answer.ts'
import { NetworkError } from './network-error.ts'
import { findRemedy, longestDelay, longestRetryAfter, type Remedy } from './retry-table.ts'

/** Time and chance, passed in so that tests do not wait. */
export interface RetryTools {
  /** Resolves after so many milliseconds; rejects with the signal's reason when it fires first. */
  readonly pause: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** From 0 up to 1. */
  readonly random: () => number
  /** Milliseconds since 1970, for a `Retry-After` that is a date. */
  readonly now: () => number
}

export interface RetryOptions {
  /** Whether a request that may have been carried out may be sent again. */
  readonly repeatable: boolean
  readonly signal?: AbortSignal | undefined
  /** Whether the host has never answered yet: one that is not reached then is misspelt more likely than out of order. */
  readonly firstContact?: boolean | undefined
}

/** Calls `attempt` until it succeeds, or fails in a way that another try cannot help; throws its last error then. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions, tools: RetryTools): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt()
    } catch (error) {
      const delay = retryDelay(error, tried, options, tools)
      if (delay === undefined) throw error
      await tools.pause(delay, options.signal)
    }
  }
}

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  return remedyOf(error)?.kind === 'again'
}

/** Whether a request that failed may have been carried out all the same: its answer is missing, or is not the service's own. */
export function mayHaveArrived(error: unknown): boolean {
  if (error instanceof NetworkError) return error.mayHaveArrived
  const remedy = remedyOf(error)
  return remedy?.kind === 'again' && !remedy.untouched
}

/** Whether a request was refused because of its session, so that a new one can help. */
export function isSessionExpired(error: unknown): error is AnswerError {
  return error instanceof AnswerError && remedyOf(error)?.kind === 'renew'
}

/** Milliseconds until the next try after `tried` failed ones; undefined when there should be none. */
function retryDelay(error: unknown, tried: number, options: RetryOptions, tools: RetryTools): number | undefined {
  const remedy = remedyOf(error)
  if (remedy?.kind !== 'again' || tried >= remedy.tries) return undefined
  if (mayHaveArrived(error) ? !options.repeatable : isNeverReached(error, options)) return undefined
  const asked = error instanceof AnswerError ? parseRetryAfter(error.retryAfter, tools.now()) : undefined
  if (asked !== undefined) return asked > longestRetryAfter ? undefined : asked
  // Half of the wait is left to chance, so that parallel requests do not come back all at once.
  const delay = Math.min(remedy.delay * 2 ** (tried - 1), longestDelay)
  return delay / 2 + (tools.random() * delay) / 2
}

function isNeverReached(error: unknown, { firstContact = false }: RetryOptions): boolean {
  return firstContact && error instanceof NetworkError
}

/** Undefined for what is no failure of a request. */
function remedyOf(error: unknown): Remedy | undefined {
  if (error instanceof NetworkError || error instanceof CutAnswerError || error instanceof ForeignAnswerError) {
    return findRemedy({ code: error.code, message: error.message, status: undefined })
  }
  if (!(error instanceof ApiError)) return undefined
  const { errorCode, message, status } = error
  const { isFault, isEmpty } = error instanceof AnswerError ? error : { isFault: false, isEmpty: false }
  return findRemedy({ code: errorCode, message, status, isFault, isEmpty })
}

/** Seconds, or a date. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
