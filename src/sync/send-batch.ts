import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { ExpectedError } from '../errors.ts'
import { planLoad } from '../load/plan.ts'
import { type LoadAccount, runLoad } from '../load/run-load.ts'
import type { OperationName } from '../operations.ts'
import { applyOutcomes, type BatchCounts } from './apply-outcomes.ts'
import type { EditOperation } from './pending.ts'
import { pushJournal } from './push-journal.ts'
import type { SyncTools } from './sync-tools.ts'
import { type Batch, giveBack, listTaken, takeEdits } from './take-edits.ts'

/** What came of a batch. */
export interface BatchResult extends BatchCounts {
  /** What ended it before its time; rows whose outcome is not known are settled by the next sync. */
  readonly error: ExpectedError | undefined
}

/**
 * Sends a batch through the same flow as any load. The file says beforehand which rows are on their way, and learns of
 * every outcome in one transaction.
 *
 * @param push name of the push, never used before
 */
export async function sendBatch(tools: SyncTools, push: string, batch: Batch): Promise<BatchResult> {
  const { file, folder } = tools
  const { object, operation } = batch
  const paths = {
    rows: join(folder, `${push}.csv`),
    success: join(folder, `${push}.success.csv`),
    errors: join(folder, `${push}.errors.csv`),
  }
  tools.report({ type: 'step', object: object.name, step: 'push' })
  takeEdits(file, push, batch, paths.rows)
  if (listTaken(file, object, push).length === 0) {
    file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([push])
    return { accepted: 0, rejected: 0, left: 0, unknown: 0, error: undefined }
  }
  const account = await load(tools, push, batch, paths)
  const counts = await applyOutcomes(file, push, object, operation, paths)
  return { ...counts, error: account.error === undefined ? undefined : inSync(account.error, file.name) }
}

/** There is no errors file to look into, and nothing to look up: the next sync does so. */
function inSync(error: ExpectedError, name: string): ExpectedError {
  if (error.code !== 'UNKNOWN_ROWS') return error
  const hint = `sync ${name} again: that first finds out what became of them`
  return new ExpectedError(error.exit, error.message, { code: error.code, hint, cause: error })
}

interface BatchPaths {
  readonly rows: string
  readonly success: string
  readonly errors: string
}

async function load(tools: SyncTools, push: string, batch: Batch, paths: BatchPaths): Promise<LoadAccount> {
  const { file, org, folder, signal } = tools
  const { object } = batch
  const name = operationName(batch)
  const report: SyncTools['report'] = (event) => {
    // That the column with the row's own name is not sent is no news.
    if (event.type !== 'note') tools.report(event)
  }
  const plan = await planLoad(
    {
      operation: name,
      object: object.name,
      file: paths.rows,
      externalId: name === 'upsert' ? object.externalId : undefined,
      set: undefined,
      successFile: paths.success,
      errorsFile: paths.errors,
      delimiter: ',',
      encoding: 'utf-8',
    },
    {
      org,
      runId: push,
      stdin: Readable.from([]),
      stdout: new Writable(),
      environment: {},
      folder,
      spoolFolder: folder,
      earlierRun: async () => undefined,
      report,
    },
  ).catch((error: unknown) => {
    // Nothing has been sent: the rows wait as before.
    file.apply(() => {
      for (const id of listTaken(file, object, push)) giveBack(file, object, push, id)
      file.sql('DELETE FROM sfbulk_pushes WHERE push = ?').run([push])
    })
    throw error
  })
  return await runLoad(plan, {
    transport: await tools.openTransport(name, plan),
    report,
    signal,
    journal: pushJournal(file, push),
  })
}

/** A new row with an external ID is sent so that it can be sent twice. */
export function operationName({ object, operation }: Pick<Batch, 'object' | 'operation'>): OperationName {
  const names: Readonly<Record<EditOperation, OperationName>> = {
    create: object.externalId === undefined ? 'insert' : 'upsert',
    update: 'update',
    delete: 'delete',
  }
  return names[operation]
}
