import { AuthError } from '../errors.ts'
import type { AnswerError } from './answer-error.ts'

/** What a login gives. */
export interface Session {
  readonly accessToken: string
  /** Scheme and host of the instance, as the login's answer named it. */
  readonly instanceUrl: string
}

/** The session that all requests share. */
export interface SessionKeeper {
  current(): HeldSession
  /** The org took the session: should it be refused later, it has expired. */
  accept(session: HeldSession): void
  /**
   * A session to send the request with once more. Parallel requests that were refused with one session share one login.
   * Throws `AuthError` when there is no way to log in again, or when a new session was refused, too.
   */
  renew(refused: HeldSession, reason: AnswerError): Promise<HeldSession>
}

export interface HeldSession extends Session {
  /** Counts the logins; the first session is 0. */
  readonly generation: number
}

/** @param logIn undefined for a session that cannot be renewed. */
export function keepSession(first: Session, logIn: (() => Promise<Session>) | undefined): SessionKeeper {
  let session: HeldSession = { ...first, generation: 0 }
  let accepted = -1
  let renewal: Promise<HeldSession> | undefined
  let refusal: AuthError | undefined

  return {
    current: () => session,
    accept: ({ generation }) => {
      accepted = Math.max(accepted, generation)
    },
    renew: async (refused, reason) => {
      if (refused.generation < session.generation) return session
      if (logIn === undefined) throw cannotRenew(reason)
      if (refused.generation > 0 && accepted < refused.generation) throw refusedAtOnce(reason)
      // A login that was refused is not tried again: it could lock the user out.
      if (refusal !== undefined) throw refusal
      renewal ??= logIn()
        .then(
          (renewed) => {
            session = { ...renewed, generation: refused.generation + 1 }
            return session
          },
          (error: unknown) => {
            if (error instanceof AuthError) refusal = error
            throw error
          },
        )
        .finally(() => {
          renewal = undefined
        })
      return renewal
    },
  }
}

function cannotRenew(reason: AnswerError): AuthError {
  return new AuthError(`The access token has expired or was revoked (${reason.message}), and it cannot be renewed`, {
    code: reason.errorCode,
    hint: 'Set a new SF_ACCESS_TOKEN, or a user name and password, or a client id and secret, which are renewed by themselves.',
    cause: reason,
  })
}

export function refusedAtOnce(reason: AnswerError): AuthError {
  return new AuthError(`The org refuses the session that it has just given out (${reason.message})`, {
    code: reason.errorCode,
    hint: 'Check in Setup whether sessions are locked to an IP address, and whether SF_LOGIN_URL is the host of this org.',
    cause: reason,
  })
}
