import { setTimeout as wait } from 'node:timers/promises'
import { AuthError, ExpectedError, RunError } from '../errors.ts'
import { PartNotSent } from '../load/transport.ts'
import { foreignAnswerHint } from '../org/cut-answer.ts'
import { isJsonWebToken } from '../org/json-web-token.ts'
import type { Org } from '../org/org.ts'
import { mayHaveArrived } from '../org/retry.ts'
import type { SoapCall } from './calls.ts'
import { renderEnvelope, streamEnvelope } from './envelope.ts'
import { type RowAnswer, readAnswers } from './read-answers.ts'

export interface SoapRequest {
  readonly call: SoapCall
  /** Headers and body of the envelope, as XML; a body that is made anew each time the call is sent need not be held. */
  readonly headers: string
  readonly body: string | (() => AsyncIterable<Uint8Array>)
  /** Number of answers that there must be. */
  readonly rows: number
}

export interface CallTools {
  readonly signal: AbortSignal
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/**
 * Sends a call once and reads its answers.
 *
 * A call that is under way is not broken off by the signal: it is short, and its outcome would be unknown.
 *
 * Throws `PartNotSent`, which says whether the rows may be written all the same.
 */
export async function sendCall(org: Org, request: SoapRequest): Promise<readonly RowAnswer[]> {
  try {
    return await sendOnce(org, request)
  } catch (error) {
    const arrived = error instanceof AnswerUnreadable || mayHaveArrived(error)
    throw new PartNotSent({ error: asError(error), mayHaveArrived: arrived, id: undefined })
  }
}

async function sendOnce(org: Org, { call, headers, body, rows }: SoapRequest): Promise<readonly RowAnswer[]> {
  let token = ''
  try {
    const response = await org.send({
      method: 'POST',
      path: `/services/Soap/u/${org.apiVersion}`,
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: (accessToken) => {
        token = accessToken
        return typeof body === 'string'
          ? renderEnvelope(accessToken, headers, body)
          : streamEnvelope(accessToken, headers, body())
      },
      repeatable: false,
    })
    const answers = readAnswers(await response.text(), call)
    if (answers?.length === rows) return answers
    throw new AnswerUnreadable(answers?.length, rows)
  } catch (error) {
    throw isSessionRefused(error) && isJsonWebToken(token) ? tokenRefused(error) : error
  }
}

/** An answer of success that does not tell what became of the rows. */
class AnswerUnreadable extends RunError {
  constructor(answers: number | undefined, rows: number) {
    super(
      answers === undefined
        ? 'the answer to a SOAP call is none of the SOAP API'
        : `a SOAP call with ${rows} rows was answered for ${answers}`,
      { code: 'NOT_SOAP', hint: foreignAnswerHint },
    )
  }
}

function isSessionRefused(error: unknown): error is ExpectedError {
  return error instanceof ExpectedError && error.code === 'INVALID_SESSION_ID'
}

function tokenRefused(cause: ExpectedError): AuthError {
  return new AuthError('the SOAP API refuses the access token, which is a JSON Web Token', {
    code: 'JWT_BY_SOAP',
    hint:
      'Give --api bulk; or have the app in Setup issue opaque tokens (switch off "Issue JSON Web Token (JWT)-based access ' +
      'tokens"). SOAP takes such tokens from API version 67.0 on.',
    cause,
  })
}

/** Resolves after so many milliseconds, or as soon as the signal is aborted. */
export async function pauseReally(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
