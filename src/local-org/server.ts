import { randomUUID } from 'node:crypto'
import { chmodSync, existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { UsageError } from '../errors.ts'
import { isProcessAlive } from '../is-process-alive.ts'
import { openDatabase, type Storage } from '../sqlite/database.ts'
import { createAuthorizationCodes } from './authorization-codes.ts'
import { createFaults, type Faults } from './faults.ts'
import { createListener } from './http/listener.ts'
import { createCursors } from './http/query-cursors.ts'
import { listRoutes } from './http/routes.ts'
import { createIngestResults } from './jobs/ingest-results.ts'
import { createJobIds } from './jobs/job-ids.ts'
import { startJobRunner } from './jobs/job-runner.ts'
import { createJobStore } from './jobs/job-store.ts'
import { createQueryPages } from './jobs/query-pages.ts'
import { createQuerySnapshots } from './jobs/query-snapshots.ts'
import { createUploads } from './jobs/uploads.ts'
import { withLedger } from './ledger.ts'
import { type OrgConnection, type OrgOptions, resolveOrgOptions } from './org-options.ts'
import type { OrgParts } from './parts.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import { withRowFaults } from './row-faults.ts'
import { administratorId, administratorName, organizationId } from './seed.ts'
import { createSessions } from './sessions.ts'
import { loadSettings } from './settings.ts'
import { openEngine } from './sqlite-engine.ts'
import { createUsageCounters } from './usage-counters.ts'

/** A local org that is being served. */
export interface LocalOrg extends OrgConnection {
  /** For the refresh-token flow. */
  readonly refreshToken: string
  readonly faults: Faults
  /** Stops serving, at once: jobs that are not done go on when the file is opened again. */
  close(): Promise<void>
}

/** The service lets a request run for ten minutes. */
const longestRequestMs = 600_000

/**
 * Serves an org whose records and jobs are in a SQLite file, on loopback alone. Throws `UsageError`
 * for a port that is taken, and what opening the file throws.
 */
export async function startOrg(given: OrgOptions): Promise<LocalOrg> {
  const options = resolveOrgOptions(given)
  const storage = openPrivately(options.data)
  const jobs = createJobStore({
    storage,
    newId: createJobIds(storage),
    now: Date.now,
    owner: `${process.pid} ${randomUUID()}`,
    isAlive: isProcessAlive,
  })
  const engine = openEngine(storage, { objectsFolder: options.objectsFolder })
  const settings = loadSettings(storage)
  const shared = {
    options,
    storage,
    jobs,
    engine: withRowFaults(options.ledger ? withLedger(engine, storage) : engine, options),
    user: { id: administratorId, username: administratorName },
    organizationId,
    settings,
    sessions: createSessions(storage, organizationId),
    refreshTokens: createRefreshTokens(storage, settings.refreshToken),
    codes: createAuthorizationCodes(Date.now),
    usage: createUsageCounters(storage, Date.now),
    faults: createFaults(options.faults),
    cursors: createCursors(),
    uploads: createUploads(storage),
    results: createIngestResults(storage),
    pages: createQueryPages(storage),
    snapshots: createQuerySnapshots(),
  }
  const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: longestRequestMs })
  const runner = startJobRunner(shared)
  const parts: OrgParts = { ...shared, runner, url: () => urlOf(server) }
  server.on('request', createListener(parts, listRoutes(parts)))
  const closeFiles = (): void => {
    runner.close()
    parts.engine.close()
    storage.close()
  }
  await listen(server, options.port).catch((error) => {
    closeFiles()
    throw error
  })
  runner.wake()
  return {
    ...connectionOf(parts),
    refreshToken: parts.settings.refreshToken,
    faults: parts.faults,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      closeFiles()
    },
  }
}

/** A file that is made here holds secrets: nobody else may read it. SQLite gives its side files the same rights. */
function openPrivately(file: string): Storage {
  const isNew = !existsSync(file)
  const storage = openDatabase(file)
  if (isNew && existsSync(file)) chmodSync(file, 0o600)
  return storage
}

function connectionOf({ settings, sessions, user, url }: OrgParts): OrgConnection {
  const { password, securityToken, clientId, clientSecret } = settings
  const { token: accessToken } = sessions.standing(user.id)
  return { url: url(), username: user.username, password, securityToken, accessToken, clientId, clientSecret }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const hint = 'name another port, or none for one that is free'
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES'
      reject(
        isTaken ? new UsageError(`port ${port} cannot be used`, { code: 'PORT_TAKEN', hint, cause: error }) : error,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server does not listen')
  return `http://127.0.0.1:${address.port}`
}
