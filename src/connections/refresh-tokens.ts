import { createHash } from 'node:crypto'
import { AuthError } from '../errors.ts'
import type { RefreshTokens } from '../org/login-flows.ts'
import type { ConnectionStore } from './connection-store.ts'

/**
 * A refresh token whose successors are kept. Where the first one stands, in the environment or in a saved connection, nothing
 * changes: what has come in its place is found by the hash of it. So a connection that was saved from the environment goes
 * on working there.
 */
export function keepRefreshTokens(store: ConnectionStore, first: string): RefreshTokens {
  const key = tokenKey(first)
  return {
    exchange: (use) =>
      store.change(async (stored, keep) => {
        const newest = Object.hasOwn(stored.rotated, key) ? await store.rotatedToken(key, stored) : first
        const { session, rotated } = await use(newest).catch(async (error: unknown) => {
          // The org may have forgotten the successor, or be another one; what is refused already can lose nothing by it.
          if (newest === first || !isDead(error)) throw error
          return await use(first).catch(() => Promise.reject(error))
        })
        if (rotated !== undefined) await keep(await store.withRotated(key, rotated, stored))
        return session
      }),
  }
}

function isDead(error: unknown): boolean {
  return error instanceof AuthError && error.code === 'invalid_grant'
}

/** The name under which the successor of a token is kept. */
export function tokenKey(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
