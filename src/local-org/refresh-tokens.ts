import type { Storage } from '../sqlite/database.ts'
import { prepareValue } from './prepare-value.ts'
import { randomText } from './settings.ts'

/** Refresh tokens and what became of them, kept in the data file. */
export interface RefreshTokens {
  /** A new token, the first of its family. */
  open(): string
  /**
   * Undefined for a token that is dead. With rotation the token is dead from then on and `replacement` takes its place; who
   * uses a dead one ends its whole family. Source: Salesforce help, "Refresh Token Rotation".
   */
  use(token: string, rotate: boolean): { readonly replacement: string | undefined } | undefined
  /** Ends the family of a token; false for one that is not alive. */
  end(token: string): boolean
}

/** @param standing the token that the org has from its beginning */
export function createRefreshTokens(storage: Storage, standing: string): RefreshTokens {
  storage.exec(
    'CREATE TABLE IF NOT EXISTS org_refresh_token (token TEXT PRIMARY KEY, family TEXT NOT NULL, live INTEGER NOT NULL)',
  )
  const insert = storage.prepare('INSERT OR IGNORE INTO org_refresh_token (token, family, live) VALUES (?, ?, 1)')
  const familyOf = prepareValue(storage, 'SELECT family FROM org_refresh_token WHERE token = ?')
  const liveFamilyOf = prepareValue(storage, 'SELECT family FROM org_refresh_token WHERE token = ? AND live = 1')
  const spend = storage.prepare('UPDATE org_refresh_token SET live = 0 WHERE token = ?')
  const endFamily = storage.prepare('UPDATE org_refresh_token SET live = 0 WHERE family = ?')
  insert.run([standing, standing])

  function add(family: string | undefined): string {
    const token = `5Aep861${randomText(60)}`
    insert.run([token, family ?? token])
    return token
  }

  return {
    open: () => add(undefined),
    use(token, rotate) {
      const family = familyOf([token])
      if (family === undefined) return undefined
      if (liveFamilyOf([token]) === undefined) {
        endFamily.run([String(family)])
        return undefined
      }
      if (!rotate) return { replacement: undefined }
      spend.run([token])
      return { replacement: add(String(family)) }
    },
    end(token) {
      const family = liveFamilyOf([token])
      if (family !== undefined) endFamily.run([String(family)])
      return family !== undefined
    },
  }
}
