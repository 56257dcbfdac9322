import type { ExitName } from '../exit-codes.ts'

/**
 * What becomes of a request, a job or a row after a failure: the one table. Whatever retries asks it; `docs/retries.md` is
 * generated from it. Codes are matched, never texts, which are translated and reworded; the
 * exceptions say so.
 *
 * Sources: REST guide, "Status Codes and Error Responses"; SOAP guide, "API Fault Element" and "Core Data Types Used in API
 * Calls" (StatusCode).
 */
export interface Cause {
  /** For the page: what is seen. */
  readonly signal: string
  /** Salesforce's codes, whatever the HTTP status. */
  readonly codes?: ReadonlySet<string>
  /** HTTP statuses of answers whose code is in no other row. */
  readonly statuses?: ReadonlySet<number>
  /** Codes of failures without an answer of the service's own. */
  readonly network?: ReadonlySet<string>
  /** Narrows the row to some of those failures. */
  readonly only?: (failure: Failure) => boolean
  readonly remedy: Remedy
}

/** A failure of a request as the table looks at it. */
export interface Failure {
  /** Salesforce's code, `HTTP_503` where the answer had none, or the code of a `NetworkError`. */
  readonly code: string
  readonly message: string
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined
  /** Whether the answer is a SOAP fault, whose status is 500 whatever it is about. */
  readonly isFault?: boolean
  readonly isEmpty?: boolean
}

export type Remedy =
  | {
      readonly kind: 'again'
      /** Number of tries in all. */
      readonly tries: number
      /** First wait in milliseconds; it doubles from try to try, up to `longestDelay`. */
      readonly delay: number
      /** Whether the service has surely not acted, so that even what must not be done twice is sent again. */
      readonly untouched: boolean
      /** How the run ends when the tries are used up. Default: `failed`. */
      readonly exit?: ExitName
      readonly hint?: string
    }
  | { readonly kind: 'renew' }
  | { readonly kind: 'end'; readonly exit: ExitName; readonly hint?: string }

const serviceHint = 'Salesforce may be in maintenance: status.salesforce.com shows it. Try again later.'
const permissionHint = 'An administrator of the org can give the permission to the user who logs in.'
const limitHint = 'The allocation is counted over 24 hours: go on later, or see `sfbulk limits`.'

const passing = { kind: 'again', tries: 5, delay: 500, untouched: false } as const

/** Requests: the first row that fits decides. */
export const requestCauses: readonly Cause[] = [
  {
    signal: 'a session of a kind that the API does not take, by the text of the answer',
    codes: new Set(['INVALID_SESSION_ID', 'InvalidSessionId', 'HTTP_401']),
    // They carry no other mark than their text, and a login does not cure them.
    only: ({ message }) => /not valid for use with the (REST )?API|not attached to Agent/i.test(message),
    remedy: { kind: 'end', exit: 'denied', hint: 'Log in again, or get a new access token.' },
  },
  {
    signal: '`INVALID_SESSION_ID`, `InvalidSessionId`, 401 without a code: the session has expired',
    codes: new Set(['INVALID_SESSION_ID', 'InvalidSessionId', 'HTTP_401']),
    remedy: { kind: 'renew' },
  },
  {
    signal: '`REQUEST_LIMIT_EXCEEDED` with `Concurrent` in its text: too many long requests at once',
    codes: new Set(['REQUEST_LIMIT_EXCEEDED']),
    only: ({ message }) => /Concurrent/i.test(message),
    // Requests of 20 seconds and more are limited per org: places become free within minutes.
    remedy: {
      kind: 'again',
      tries: 12,
      delay: 1_000,
      untouched: true,
      exit: 'unfinished',
      hint: 'Too many requests ran at the same time in this org. Try again later.',
    },
  },
  {
    signal: '`REQUEST_LIMIT_EXCEEDED`, `LIMIT_EXCEEDED`, `ExceededQuota`: a limit of the day',
    codes: new Set(['REQUEST_LIMIT_EXCEEDED', 'LIMIT_EXCEEDED', 'EXCEEDEDQUOTA', 'ExceededQuota']),
    remedy: { kind: 'end', exit: 'unfinished', hint: limitHint },
  },
  {
    signal: '`UNABLE_TO_LOCK_ROW`, `TooManyLockFailure` for a request as a whole',
    codes: new Set(['UNABLE_TO_LOCK_ROW', 'TooManyLockFailure', 'TOOMANYLOCKFAILURE']),
    remedy: { kind: 'again', tries: 5, delay: 1_000, untouched: true },
  },
  {
    signal: '`ORG_IN_MAINTENANCE`, `INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE`',
    codes: new Set(['ORG_IN_MAINTENANCE', 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE']),
    remedy: { kind: 'again', tries: 8, delay: 2_000, untouched: true, exit: 'unfinished', hint: serviceHint },
  },
  {
    signal: '`SERVER_UNAVAILABLE`, `UNKNOWN_EXCEPTION`, `REQUEST_RUNNING_TOO_LONG`, `TXN_SECURITY_METERING_ERROR`',
    codes: new Set([
      'SERVER_UNAVAILABLE',
      'UNKNOWN_EXCEPTION',
      'REQUEST_RUNNING_TOO_LONG',
      'TXN_SECURITY_METERING_ERROR',
    ]),
    remedy: passing,
  },
  {
    signal: '`rate_limit_exceeded` of a login: too many in a short time',
    codes: new Set(['rate_limit_exceeded']),
    remedy: {
      kind: 'again',
      tries: 5,
      delay: 2_000,
      untouched: true,
      exit: 'denied',
      hint: 'There were too many logins in a short time. Try again later.',
    },
  },
  {
    signal: 'a permission that is missing: `INSUFFICIENT_ACCESS…`, `FeatureNotEnabled`',
    codes: new Set([
      'INSUFFICIENT_ACCESS',
      'INSUFFICIENT_ACCESS_OR_READONLY',
      'FEATURENOTENABLED',
      'FeatureNotEnabled',
    ]),
    remedy: { kind: 'end', exit: 'denied', hint: permissionHint },
  },
  {
    signal: '`API_DISABLED_FOR_ORG`, `API_CURRENTLY_DISABLED`',
    codes: new Set(['API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED']),
    remedy: {
      kind: 'end',
      exit: 'denied',
      hint: 'The edition of the org or the profile of the user has no API access ("API Enabled").',
    },
  },
  {
    signal: 'any other SOAP fault',
    only: ({ isFault }) => isFault === true,
    remedy: { kind: 'end', exit: 'failed' },
  },
  {
    signal: '406 without a body, which has been seen in place of 503',
    statuses: new Set([406]),
    only: ({ isEmpty }) => isEmpty === true,
    remedy: passing,
  },
  { signal: '503', statuses: new Set([503]), remedy: { ...passing, delay: 1_000, hint: serviceHint } },
  {
    signal: '408, 500 and above, of Salesforce or of a gateway on the way',
    only: ({ status = 0 }) => status === 408 || status >= 500,
    remedy: { ...passing, hint: serviceHint },
  },
  {
    signal: '420: no route to the org, 429: too many requests',
    statuses: new Set([420, 429]),
    remedy: { ...passing, delay: 1_000, untouched: true },
  },
  {
    signal: '401 with any other code',
    statuses: new Set([401]),
    remedy: { kind: 'end', exit: 'denied', hint: 'Log in again, or get a new access token.' },
  },
  { signal: '403', statuses: new Set([403]), remedy: { kind: 'end', exit: 'denied', hint: permissionHint } },
  {
    signal: '410: a retired API version',
    statuses: new Set([410]),
    remedy: { kind: 'end', exit: 'failed', hint: 'Choose a newer version with --api-version.' },
  },
  {
    signal: 'host or proxy not found, not reached, or it refuses connections; no connection in time',
    network: new Set([
      'HOST_NOT_FOUND',
      'CONNECTION_REFUSED',
      'HOST_UNREACHABLE',
      'CONNECT_TIMEOUT',
      'PROXY_UNREACHABLE',
      'PROXY_NO_WAY',
    ]),
    // About a minute: long enough for a VPN or a wireless network to come back.
    remedy: { kind: 'again', tries: 8, delay: 500, untouched: true },
  },
  {
    signal: "the connection breaks, falls silent, or its answer is cut, or is not the service's own",
    network: new Set(['CONNECTION_LOST', 'NO_ANSWER', 'ANSWER_CUT', 'RESULT_CUT', 'NOT_JSON', 'NOT_CSV']),
    remedy: { kind: 'again', tries: 8, delay: 500, untouched: false },
  },
  {
    signal: 'no trusted TLS, no HTTP; a proxy that refuses',
    network: new Set(['TLS', 'NOT_HTTP', 'PROXY_PASSWORD', 'PROXY_FORBIDS']),
    remedy: { kind: 'end', exit: 'failed' },
  },
]

/** A failure that no row names is for the caller to judge: a refused query is the user's, a refused job the program's. */
const anyOther: Remedy = { kind: 'end', exit: 'failed' }

/** Longest pause between two tries, in milliseconds. */
export const longestDelay = 30_000
/** A service that asks for a longer pause by `Retry-After` is not waited for. */
export const longestRetryAfter = 10 * 60_000
/** Sessions that expire one after the other while one request is tried: more than this is no expiry but a fault. */
export const mostRenewals = 5

/** What the table says of a failure. */
export function findRemedy(failure: Failure): Remedy {
  return requestCauses.find((cause) => fits(cause, failure))?.remedy ?? anyOther
}

function fits({ codes, statuses, network, only }: Cause, failure: Failure): boolean {
  const { code, status } = failure
  const isNamed =
    codes?.has(code) ||
    (status === undefined ? network?.has(code) : statuses?.has(status)) ||
    !(codes || statuses || network)
  return isNamed === true && (only?.(failure) ?? true)
}

/** What a row's rejection says of another try. */
export interface RowCause {
  /** For the page. */
  readonly signal: string
  /** What the error of the row begins with or holds. */
  readonly pattern: RegExp
  /**
   * `alone`: it was in the way of others; it is sent again when they have gone, beside its siblings. `fewer`: too many rows
   * shared a transaction of 200.
   */
  readonly remedy: 'alone' | 'fewer'
}

/**
 * Rows: rejections of any other cause are never sent again by themselves. The limits of Apex have no code of their own;
 * the name of the exception and the English text of the limit stand in what the trigger threw.
 */
export const rowCauses: readonly RowCause[] = [
  {
    signal: '`UNABLE_TO_LOCK_ROW`, `TooManyLockFailure`',
    pattern: /^(UNABLE_TO_LOCK_ROW|TOO_?MANY_?LOCK_?FAILURE)|UNABLE_TO_LOCK_ROW/i,
    remedy: 'alone',
  },
  {
    signal: 'limits of Apex: `System.LimitException`, `Apex CPU time limit exceeded`, `Apex heap size too large`',
    pattern: /System\.LimitException|Apex CPU time limit exceeded|Apex heap size too large/,
    remedy: 'fewer',
  },
]

/**
 * Of a row that was rejected because there is no room for more records: nor is there for those behind it. Source: SOAP guide,
 * "Core Data Types Used in API Calls" (StatusCode).
 */
export const orgIsFull = 'STORAGE_LIMIT_EXCEEDED'

/** Rounds in which such rows are sent again, one job at a time; the last entry holds for all further rounds. */
export const rowRounds: readonly {
  /** Milliseconds before the round. */
  readonly pause: number
  /** Most rows of a job, by remedy. */
  readonly alone: number
  readonly fewer: number
}[] = [
  { pause: 2_000, alone: 10_000, fewer: 100 },
  { pause: 10_000, alone: 1_000, fewer: 25 },
  { pause: 30_000, alone: 200, fewer: 5 },
]

/** Undefined for a row that is not sent again. */
export function findRowRemedy(error: string): RowCause['remedy'] | undefined {
  return rowCauses.find(({ pattern }) => pattern.test(error))?.remedy
}

/** What is begun anew as a whole when its requests did not get through, or when what they brought is not whole. */
export const restarts = {
  smallJob: {
    tries: 3,
    what: 'create of a job together with its rows: sent again when the org has no such job, after it was looked for',
  },
  upload: { tries: 3, what: 'upload of a job: it is aborted, and the same rows go into another one' },
  close: { tries: 3, what: 'close of a job, unless its state says that it has been closed' },
  resultFile: { tries: 3, what: 'result file that breaks off or is shorter than the counters of its job' },
  page: {
    tries: 4,
    what: 'page of a query that breaks off or is shorter than it says; it goes on at the byte where it broke, and new bytes set the count back',
  },
  soapCall: {
    tries: 3,
    what: 'SOAP call whose answer was lost: the org is asked for its rows, and only those go again that it has not touched',
  },
  body: { tries: 3, what: 'body of an attachment or file that breaks off' },
} as const satisfies Record<string, { readonly tries: number; readonly what: string }>

/**
 * Milliseconds before the org is asked once more for what a lost request would have written. A request that has arrived is
 * carried out at once, but a gateway may give up while the service behind it is still at work.
 */
export const lostAnswerPauses: readonly number[] = [500, 3_000, 12_000]

/** Milliseconds before something is begun anew for the `failures`th time. */
export function restartPause(failures: number): number {
  return failures * 1_000
}
