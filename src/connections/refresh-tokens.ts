import { createHash } from 'node:crypto'
import type { RefreshTokens } from '../org/login-flows.ts'
import type { ConnectionStore, StoredConnections } from './connection-store.ts'

/**
 * Refresh tokens that outlive their rotation. `alias` undefined: the token is one of the environment, and what has come in
 * its place is kept beside the saved connections, found again by the hash of the first one.
 */
export function keepRefreshTokens(store: ConnectionStore, first: string, alias: string | undefined): RefreshTokens {
  const place = alias === undefined ? rotatedPlace(first) : savedPlace(alias)
  return {
    exchange: (use) =>
      store.change(async (stored, keep) => {
        const { session, rotated } = await use(place.find(stored) ?? first)
        if (rotated !== undefined) await keep(place.put(stored, rotated))
        return session
      }),
  }
}

interface Place {
  readonly find: (stored: StoredConnections) => string | undefined
  readonly put: (stored: StoredConnections, token: string) => StoredConnections
}

function rotatedPlace(first: string): Place {
  const key = createHash('sha256').update(first).digest('hex')
  return {
    find: ({ rotated }) => rotated[key],
    put: (stored, token) => ({ ...stored, rotated: { ...stored.rotated, [key]: token } }),
  }
}

/** The connection may have been removed meanwhile: then nothing is put back. */
function savedPlace(alias: string): Place {
  return {
    find: ({ connections }) => connections[alias]?.variables.SF_REFRESH_TOKEN,
    put: (stored, token) => {
      const connection = stored.connections[alias]
      if (connection === undefined) return stored
      const variables = { ...connection.variables, SF_REFRESH_TOKEN: token }
      return { ...stored, connections: { ...stored.connections, [alias]: { ...connection, variables } } }
    },
  }
}
