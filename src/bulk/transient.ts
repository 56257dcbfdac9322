import { ApiError } from '../errors.ts'
import { NetworkError } from '../org/network-error.ts'
import { CutAnswerError } from './cut-answer.ts'

/**
 * Whether the same request may succeed later: the host was not reached, or it answered that it is overloaded or away.
 * Statuses: REST guide "Status Codes and Error Responses"; 420 is the edge without a route, 406 has been seen without a
 * body in the same situation.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return error.transient
  if (error instanceof ApiError) return error.status >= 500 || transientStatuses.has(error.status)
  return error instanceof CutAnswerError
}

const transientStatuses: ReadonlySet<number> = new Set([406, 408, 420, 429])

/** Whether a request that failed may have been carried out all the same: its answer is missing, or is not the service's own. */
export function mayHaveArrived(error: unknown): boolean {
  return error instanceof NetworkError ? error.mayHaveArrived : isTransient(error)
}
