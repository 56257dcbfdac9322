import { randomBytes } from 'node:crypto'
import type { Storage } from '../sqlite/database.ts'
import { prepareValue } from './prepare-value.ts'

/** What a client logs in with. Made once for a data file and kept in it. */
export interface OrgSettings {
  readonly password: string
  readonly securityToken: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
}

/** Reads the secrets of a data file, and makes those that it does not have yet. */
export function loadSettings(storage: Storage): OrgSettings {
  storage.exec('CREATE TABLE IF NOT EXISTS org_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)')
  const insert = storage.prepare('INSERT OR IGNORE INTO org_setting (name, value) VALUES (?, ?)')
  const select = prepareValue(storage, 'SELECT value FROM org_setting WHERE name = ?')

  function setting(name: string, make: () => string): string {
    insert.run([name, make()])
    return String(select([name]))
  }

  return {
    password: setting('password', () => randomText(12)),
    securityToken: setting('securityToken', () => randomText(18)),
    clientId: setting('clientId', () => `3MVG9${randomText(60)}`),
    clientSecret: setting('clientSecret', () => randomBytes(32).toString('hex').toUpperCase()),
    refreshToken: setting('refreshToken', () => `5Aep861${randomText(60)}`),
  }
}

/** Letters and digits: about six bits of randomness each. */
export function randomText(length: number): string {
  return randomBytes(length * 2)
    .toString('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, length)
}
