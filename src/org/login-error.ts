import { AuthError } from '../errors.ts'
import type { AnswerError } from './answer-error.ts'
import { findNextStep, type HostLogin } from './login-faults.ts'

/**
 * What a refused login means and what to do. Codes that pass by themselves, and answers that are none of Salesforce's,
 * stay as they are.
 * @param now milliseconds since 1970
 */
export function explainLoginRefusal(error: AnswerError, login: HostLogin, now: number): AuthError | AnswerError {
  if (error.errorCode.startsWith('HTTP_') || passing.has(error.errorCode)) return error
  const host = new URL(login.loginUrl).host
  const who = 'username' in login ? `user ${login.username}` : 'the client'
  const { errorCode: code, message, date } = error
  return new AuthError(`${host} refused the login of ${who}: ${message}`, {
    code,
    hint: findNextStep({ code, message, login, clockAhead: readClockAhead(date, now) }),
    cause: error,
  })
}

/** The login succeeded, but the session may do nothing but set a new password. */
export function passwordExpired(login: HostLogin): AuthError {
  const who = 'username' in login ? ` of ${login.username}` : ''
  const message = `The password${who} has expired`
  const code = 'PASSWORD_EXPIRED'
  return new AuthError(message, { code, hint: findNextStep({ code, message, login, clockAhead: undefined }) })
}

/** Milliseconds by which `now` is ahead of a `Date` header; undefined without one. */
function readClockAhead(date: string | undefined, now: number): number | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : now - time
}

const passing = new Set(['SERVER_UNAVAILABLE', 'rate_limit_exceeded', 'server_error', 'REQUEST_LIMIT_EXCEEDED'])
