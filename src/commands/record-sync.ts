import { basename } from 'node:path'
import { ExpectedError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { journalVersion } from '../runs/run-entries.ts'
import { createRunId } from '../runs/run-id.ts'
import { beginJournal, dropRun } from '../runs/run-journal.ts'
import type { SyncAccount } from '../sync/sync.ts'
import { describeError } from './describe-error.ts'
import { recordOrg } from './recorded-run.ts'

/** The sync as `sfbulk runs` shall list it. */
export interface SyncToRecord {
  readonly home: string
  /** `sync run`, `sync push`. */
  readonly command: string
  /** The file as typed, and the folder against which that stands. */
  readonly file: string
  readonly folder: string
  readonly org: Org
  /** Whether anything was sent, or was about to be. */
  readonly hasSent: () => boolean
}

/**
 * Keeps a record of a sync that sends something. It is begun before, so that one that was broken off is listed, too; what is to
 * be done about that is in the sync file, and the next sync does it.
 */
export async function recordSync<Account extends SyncAccount & { readonly exitCode: number }>(
  sync: SyncToRecord,
  work: () => Promise<Account>,
): Promise<Account> {
  const { home, org } = sync
  const run = createRunId(new Date(), Math.random)
  const journal = await beginJournal(home, {
    type: 'started',
    version: journalVersion,
    run,
    command: sync.command,
    sobject: '',
    call: { arguments: [sync.file], options: {}, folder: sync.folder },
    org: recordOrg(org),
    source: basename(sync.file),
    input: { kind: 'once' },
    targets: { success: null, errors: null },
    api: 'auto',
    limits: null,
    mapping: '',
  })
  try {
    const account = await work()
    const rows = countRows(account)
    const { apiCalls, bytesSent } = org.usage
    const error = account.error === undefined ? null : describeError(account.error)
    const files = { success: null, errors: null }
    const { exitCode } = account
    await journal.append({ type: 'finished', exitCode, jobs: [], rows, files, apiCalls, bytesSent, error })
    return account
  } catch (error) {
    if (error instanceof ExpectedError) {
      await journal.append({ type: 'paused', exitCode: error.exitCode, rows: {}, error: describeError(error) })
    }
    throw error
  } finally {
    await journal.close()
    if (!sync.hasSent()) await dropRun(home, run)
  }
}

function countRows({ pushed }: SyncAccount) {
  const rows = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }
  for (const { create, update, delete: deleted, rejected, unknown } of pushed.values()) {
    rows.accepted += create + update + deleted
    rows.rejected += rejected
    rows.unknown += unknown
  }
  rows.read = rows.accepted + rows.rejected + rows.unknown
  rows.sent = rows.read
  return rows
}
