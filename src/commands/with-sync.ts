import { realpathSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { systemClock } from '../bulk/clock.ts'
import { RunError, UsageError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { createRunId } from '../runs/run-id.ts'
import { lockFile } from '../sqlite/lock-file.ts'
import { checkTables } from '../sync/check-tables.ts'
import { openSyncFile, readSetting, type SyncFile } from '../sync/sync-file.ts'
import type { SyncTools } from '../sync/sync-tools.ts'
import type { Io } from './command.ts'
import { openTransport } from './open-transport.ts'
import { type OrgChoice, withOrg } from './with-org.ts'

/** A call of a command that syncs. */
export interface SyncCall {
  readonly arguments: readonly (string | undefined)[]
  readonly options: OrgChoice['options'] & { readonly api?: 'auto' | 'bulk' | 'soap' | undefined }
  readonly io: Io
  readonly signal: AbortSignal
}

/** What such a command says while it works. */
export interface SyncTalk {
  readonly report: SyncTools['report']
  readonly log: ((line: string) => void) | undefined
}

/**
 * Opens the file that is named and its org, keeps other syncs away from it, does the work and closes both. Throws `RunError`
 * with code `SYNC_AT_WORK` when another sync has the file, and `UsageError` when the org is not the one that it is a copy of.
 */
export async function withSync<Result>(
  call: SyncCall,
  talk: SyncTalk,
  work: (tools: SyncTools) => Promise<Result>,
): Promise<Result> {
  const { io, signal } = call
  const path = syncPath(call)
  const file = openSyncFile(path, call.arguments[0])
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-sync-'))
  try {
    return await locked(file, async () => {
      checkTables(file)
      const options = { ...call.options, targetOrg: call.options.targetOrg ?? readSetting(file, 'target') }
      return await withOrg({ options, io, log: talk.log, asksQueries: true }, async (org) => {
        checkHost(file, org)
        return await work({
          file,
          org,
          folder,
          signal,
          report: talk.report,
          clock: systemClock,
          writesSingly: call.options.api === undefined || call.options.api === 'auto',
          namePush: () => createRunId(new Date(), Math.random),
          openTransport: async (operation, plan) => {
            const { transport } = await openTransport(
              operation,
              plan,
              { api: call.options.api },
              { org, folder, report: talk.report },
            )
            return transport
          },
        })
      })
    })
  } finally {
    file.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Does work while no sync can touch the file. Throws `RunError` with code `SYNC_AT_WORK`. */
export async function locked<Result>(
  { path, name }: Pick<SyncFile, 'path' | 'name'>,
  work: () => Promise<Result>,
): Promise<Result> {
  // One lock, whichever of its names the file was called by.
  const lock = lockFile(`${realpathSync(path)}-sync`)
  if (lock === undefined) {
    throw new RunError(`another sync of ${name} is at work`, {
      code: 'SYNC_AT_WORK',
      hint: 'wait until it has ended, and try again',
    })
  }
  try {
    return await work()
  } finally {
    lock.release()
  }
}

/** The file that a command names. */
export function syncPath({ arguments: [file = ''], io }: Pick<SyncCall, 'arguments' | 'io'>): string {
  return resolve(io.folder, file)
}

/** What a file remembers of its org. The local one has another address each time. */
export function hostOf({ name, instanceUrl }: Org): string {
  return name === 'local' ? 'local' : new URL(instanceUrl).hostname
}

function checkHost(file: SyncFile, org: Org): void {
  const host = readSetting(file, 'host')
  if (host === undefined || host === hostOf(org)) return
  throw new UsageError(`${file.name} is a copy of ${host}, and this org is ${hostOf(org)}: nothing was done`, {
    code: 'OTHER_ORG',
    hint:
      'name the right org with --target-org. If it has moved there: ' +
      `sqlite3 ${file.name} "UPDATE sfbulk_file SET value = '${hostOf(org)}' WHERE name = 'host'"`,
  })
}
