import { chmod, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { withFileLock } from './file-lock.ts'

/** A login that `sfbulk login` has saved. */
export interface SavedConnection {
  /** The variables that log in, as they would stand in the environment; secrets among them. */
  readonly variables: Readonly<Record<string, string>>
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
  /** Refresh tokens that came in the place of ones given by the environment, by the SHA-256 of those. */
  readonly rotated: Readonly<Record<string, string>>
}

/** The saved connections of a user: one file, readable by its owner alone, changed by one process at a time. */
export interface ConnectionStore {
  readonly path: string
  /** Throws `UsageError` for a file that is damaged. */
  read(): Promise<StoredConnections>
  /** Does the work while no other process changes the file; what it keeps is on the disk when `keep` resolves. */
  change<Result>(work: (stored: StoredConnections, keep: KeepConnections) => Promise<Result>): Promise<Result>
}

export type KeepConnections = (stored: StoredConnections) => Promise<void>

/** @param home the program's folder */
export function openConnectionStore(home: string): ConnectionStore {
  const path = join(home, 'connections.json')
  const read = () => readStored(path)
  return {
    path,
    read,
    change: (work) =>
      withFileLock(`${path}.lock`, async () => await work(await read(), (stored) => writeStored(path, stored))),
  }
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
    if (version === 1 && typeof connections === 'object' && typeof rotated === 'object') return { connections, rotated }
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
