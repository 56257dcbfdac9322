import { AnswerError, isDailyLimit } from './answer-error.ts'
import { NetworkError } from './network-error.ts'

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

interface Rule {
  /** Number of tries in all. */
  readonly tries: number
  /** First wait in milliseconds; it doubles from try to try. */
  readonly delay: number
  /** Whether the request was surely not carried out, so that even a create may be sent again. */
  readonly untouched: boolean
}

const passing: Rule = { tries: 5, delay: 500, untouched: false }

/** What may pass by itself. Source: REST guide, "Status Codes and Error Responses"; 406 without a body has been observed. */
const rulesByStatus: Readonly<Record<number, Rule>> = {
  406: passing,
  408: passing,
  420: { ...passing, untouched: true },
  429: { ...passing, delay: 1_000, untouched: true },
  500: passing,
  502: passing,
  503: { ...passing, delay: 1_000 },
  504: passing,
}

/** Requests of 20 seconds and more that run at once are limited per org: places become free within minutes. */
const concurrencyRule: Rule = { tries: 12, delay: 1_000, untouched: true }

/** About a minute: long enough for a VPN or a wireless network to come back. */
const networkRule: Rule = { tries: 8, delay: 500, untouched: false }

const longestDelay = 30_000
/** A service that asks for a longer pause is not waited for. */
const longestRetryAfter = 10 * 60_000

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

/** Milliseconds until the next try after `tried` failed ones; undefined when there should be none. */
function retryDelay(error: unknown, tried: number, options: RetryOptions, tools: RetryTools): number | undefined {
  const rule = findRule(error, options.firstContact)
  if (rule === undefined || tried >= rule.tries || !(options.repeatable || rule.untouched)) return undefined
  const asked = error instanceof AnswerError ? parseRetryAfter(error.retryAfter, tools.now()) : undefined
  if (asked !== undefined) return asked > longestRetryAfter ? undefined : asked
  // Half of the wait is left to chance, so that parallel requests do not come back all at once.
  const delay = Math.min(rule.delay * 2 ** (tried - 1), longestDelay)
  return delay / 2 + (tools.random() * delay) / 2
}

function findRule(error: unknown, firstContact = false): Rule | undefined {
  if (error instanceof NetworkError) {
    if (!error.transient || (firstContact && !error.mayHaveArrived)) return undefined
    return { ...networkRule, untouched: !error.mayHaveArrived }
  }
  if (!(error instanceof AnswerError)) return undefined
  if (error.errorCode === 'REQUEST_LIMIT_EXCEEDED') return isDailyLimit(error.message) ? undefined : concurrencyRule
  if (error.status === 406 && !error.isEmpty) return undefined
  return rulesByStatus[error.status]
}

/** Seconds, or a date. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1_000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
