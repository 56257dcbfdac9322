import type { Storage } from '../sqlite/database.ts'
import type { Session } from './http/api-request.ts'
import { prepareValue } from './prepare-value.ts'
import { randomText } from './settings.ts'

/** Access tokens and session ids: one kind, good for REST, Bulk and SOAP alike, kept in the data file. */
export interface Sessions {
  /** A new session of the user. A token in the form of a JWT is one that SOAP does not take. */
  open(userId: string, form?: 'opaque' | 'jwt'): Session
  find(token: string): Session | undefined
  /** The token is dead from then on. */
  end(token: string): void
  /** The session that `org start` prints: the same each time for as long as it lives. */
  standing(userId: string): Session
}

export function createSessions(storage: Storage, organizationId: string): Sessions {
  storage.exec(
    'CREATE TABLE IF NOT EXISTS org_session (token TEXT PRIMARY KEY, user_id TEXT NOT NULL, standing INTEGER NOT NULL)',
  )
  const insert = storage.prepare('INSERT INTO org_session (token, user_id, standing) VALUES (?, ?, ?)')
  const byToken = prepareValue(storage, 'SELECT user_id FROM org_session WHERE token = ?')
  const remove = storage.prepare('DELETE FROM org_session WHERE token = ?')
  const byStanding = prepareValue(storage, 'SELECT token FROM org_session WHERE standing = 1 AND user_id = ?')

  function start(userId: string, standing: 0 | 1, form: 'opaque' | 'jwt'): Session {
    const token = form === 'jwt' ? makeJwt(userId) : `${organizationId.slice(0, 15)}!AQ0A${randomText(92)}`
    insert.run([token, userId, standing])
    return { token, userId }
  }

  return {
    open: (userId, form = 'opaque') => start(userId, 0, form),
    find(token) {
      const userId = byToken([token])
      return userId === undefined ? undefined : { token, userId: String(userId) }
    },
    end(token) {
      remove.run([token])
    },
    standing(userId) {
      const token = byStanding([userId])
      return token === undefined ? start(userId, 1, 'opaque') : { token: String(token), userId }
    },
  }
}

/** Three parts in base64url; the last stands where a signature would be, which nobody here checks. */
function makeJwt(userId: string): string {
  const parts = [
    { typ: 'JWT', alg: 'RS256' },
    { sub: `uid:${userId}`, jti: randomText(20) },
  ]
  return [...parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')), randomText(86)].join('.')
}
