import { createHash } from 'node:crypto'
import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthError, UsageError } from '../errors.ts'
import { withFileLock } from './file-lock.ts'
import type { Keychain } from './keychain.ts'

/** A login that `sfbulk login` has saved. */
export interface SavedConnection {
  /** Variables that log in, as they would stand in the environment; those that are no secrets. */
  readonly variables: Readonly<Record<string, string>>
  /** Those that are; undefined when the keychain has them. */
  readonly secrets?: Readonly<Record<string, string>> | undefined
  /** Who it was when it was saved, for the list of connections. */
  readonly username: string
  readonly organizationId: string
  readonly instanceUrl: string
  /** The flow in words. */
  readonly title: string
  /** Whether writes to this org ask first, or demand `--yes`. */
  readonly protected: boolean
}

/** What the file of saved connections holds. */
export interface StoredConnections {
  readonly connections: Readonly<Record<string, SavedConnection>>
  /** Refresh tokens that came in the place of others, by the SHA-256 of those; null when the keychain has them. */
  readonly rotated: Readonly<Record<string, string | null>>
}

/** The saved connections of a user: one file, readable by its owner alone, changed by one process at a time. */
export interface ConnectionStore {
  readonly path: string
  /** Throws `UsageError` for a file that is damaged. */
  read(): Promise<StoredConnections>
  /** Does the work while no other process changes the file; what it keeps is on the disk when `keep` resolves. */
  change<Result>(work: (stored: StoredConnections, keep: KeepConnections) => Promise<Result>): Promise<Result>
  /** The secret variables of a connection. Throws `AuthError` when the keychain does not give them. */
  secretsOf(alias: string, connection: SavedConnection): Promise<Readonly<Record<string, string>>>
  /** The connection with these secrets: in the keychain where there is one, else in itself. */
  withSecrets(
    alias: string,
    connection: SavedConnection,
    secrets: Readonly<Record<string, string>>,
  ): Promise<SavedConnection>
  /** The newest successor of a refresh token. Throws `AuthError` when the keychain does not give it. */
  rotatedToken(key: string, stored: StoredConnections): Promise<string>
  withRotated(key: string, token: string, stored: StoredConnections): Promise<StoredConnections>
  /** What is stored without a connection and its secrets; `key`: of a refresh token that goes with it. */
  without(alias: string, key: string | undefined, stored: StoredConnections): Promise<StoredConnections>
}

export type KeepConnections = (stored: StoredConnections) => Promise<void>

/** Names of the saved connections; none where the file cannot be read. */
export async function listAliases(home: string): Promise<readonly string[]> {
  const { connections } = await readStored(connectionsFile(home)).catch(() => empty)
  return Object.keys(connections).sort()
}

/** @param home the program's folder */
export function openConnectionStore(home: string, keychain: Keychain): ConnectionStore {
  const path = connectionsFile(home)
  const read = () => readStored(path)
  // Two homes may have the same alias.
  const place = createHash('sha256').update(home).digest('hex').slice(0, 8)
  const accountOf = (alias: string) => `${alias} (${place})`
  const rotatedAccount = (key: string) => `refresh token ${key.slice(0, 16)} (${place})`
  const ask = async (account: string, what: string): Promise<string> => {
    const text = await keychain.get(account).catch((cause: unknown) => {
      throw lostSecrets(what, cause)
    })
    if (text === undefined) throw lostSecrets(what, undefined)
    return text
  }
  return {
    path,
    read,
    change: (work) =>
      withFileLock(`${path}.lock`, async () => await work(await read(), (stored) => writeStored(path, stored))),
    secretsOf: async (alias, { secrets }) =>
      secrets ?? (JSON.parse(await ask(accountOf(alias), `the connection ${alias}`)) as Record<string, string>),
    withSecrets: async (alias, { secrets: _, ...connection }, secrets) => {
      const isKept = await keychain.put(accountOf(alias), JSON.stringify(secrets))
      return isKept ? connection : { ...connection, secrets }
    },
    rotatedToken: async (key, { rotated }) => rotated[key] ?? (await ask(rotatedAccount(key), 'a refresh token')),
    withRotated: async (key, token, stored) => {
      const isKept = await keychain.put(rotatedAccount(key), token)
      return { ...stored, rotated: { ...stored.rotated, [key]: isKept ? null : token } }
    },
    without: async (alias, key, stored) => {
      const { [alias]: _, ...connections } = stored.connections
      await keychain.remove(accountOf(alias))
      if (key === undefined) return { ...stored, connections }
      const { [key]: __, ...rotated } = stored.rotated
      await keychain.remove(rotatedAccount(key))
      return { connections, rotated }
    },
  }
}

function connectionsFile(home: string): string {
  return join(home, 'connections.json')
}

const empty: StoredConnections = { connections: {}, rotated: {} }

async function readStored(path: string): Promise<StoredConnections> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return empty
    throw error
  }
  try {
    const { version, connections, rotated } = JSON.parse(text) as Partial<StoredConnections> & { version?: unknown }
    if (version === 1 && connections instanceof Object && rotated instanceof Object) return { connections, rotated }
  } catch {
    // The error below says more, and shows nothing of what the file holds.
  }
  throw new UsageError(`the saved connections cannot be read: ${path} is damaged or of a newer sfbulk`, {
    code: 'CONNECTIONS_FILE',
    hint: 'move the file away and log in again with sfbulk login, or install the newest sfbulk',
  })
}

/** On the disk under its own name only when it is whole: a refresh token that is lost cannot be had again. */
async function writeStored(path: string, stored: StoredConnections): Promise<void> {
  const partial = `${path}.${process.pid}.partial`
  try {
    const file = await open(partial, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, ...stored }, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await chmod(partial, 0o600)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

function lostSecrets(what: string, cause: unknown): AuthError {
  const said = cause instanceof Error ? `: ${cause.message}` : ''
  return new AuthError(`The keychain of this machine does not give the secret of ${what}${said}`, {
    code: 'KEYCHAIN',
    hint: `Unlock the keychain and try again, or log in anew: sfbulk login --alias <name>`,
    cause,
  })
}
