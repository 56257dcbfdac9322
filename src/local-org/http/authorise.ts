import type { Sessions } from '../sessions.ts'
import type { Session } from './api-request.ts'
import { Refusal } from './refusal.ts'

/** The session of an `Authorization` header, `Bearer` or `OAuth`. Throws a 401 refusal when there is none. */
export function authorise(sessions: Sessions, header: string | undefined): Session {
  const token = /^(?:Bearer|OAuth) (\S+)$/i.exec(header?.trim() ?? '')?.[1]
  if (header !== undefined && token === undefined) {
    throw new Refusal(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
  }
  const session = token === undefined ? undefined : sessions.find(token)
  if (session === undefined) throw new Refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
  return session
}
