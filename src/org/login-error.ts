import { AuthError } from '../errors.ts'
import type { AnswerError } from './answer-error.ts'
import { findNextStep, type HostLogin } from './login-faults.ts'
import type { ClientCredentials } from './login-flows.ts'
import { isPassing } from './retry.ts'

/**
 * What a refused login means and what to do. Codes that pass by themselves, and answers that are none of Salesforce's,
 * stay as they are.
 * @param now milliseconds since 1970
 */
export function explainLoginRefusal(error: AnswerError, login: HostLogin, now: number): AuthError | AnswerError {
  if (error.errorCode.startsWith('HTTP_') || isPassing(error) || ending.has(error.errorCode)) return error
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

/** The browser came back without a code: the person said no, or the app may not do this. */
export function explainBrowserRefusal(client: ClientCredentials, answer: URLSearchParams): AuthError {
  const code = answer.get('error') ?? 'access_denied'
  const message = `${code}: ${answer.get('error_description') ?? 'no reason was given'}`
  const login: HostLogin = { flow: 'web', ...client }
  return new AuthError(`${new URL(client.loginUrl).host} refused the login in the browser: ${message}`, {
    code,
    hint: findNextStep({ code, message, login, clockAhead: undefined }),
  })
}

/** Milliseconds by which `now` is ahead of a `Date` header; undefined without one. */
export function readClockAhead(date: string | undefined, now: number): number | undefined {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : now - time
}

/** What is no word on whether this user may log in. */
const ending = new Set(['server_error', 'REQUEST_LIMIT_EXCEEDED'])
