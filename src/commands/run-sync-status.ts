import { exitCodes } from '../exit-codes.ts'
import { checkTables } from '../sync/check-tables.ts'
import { hasLeftOver, readStatus } from '../sync/status.ts'
import { openSyncFile } from '../sync/sync-file.ts'
import { renderSyncStatus } from '../ui/sync.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { syncPath } from './with-sync.ts'

/** Tells what waits in a sync file. */
export async function run(call: CommandCall<{ readonly json: boolean | undefined }>): Promise<CommandResult> {
  const { options, io } = call
  const file = openSyncFile(syncPath(call), call.arguments[0])
  try {
    checkTables(file)
    const status = readStatus(file)
    const exitCode = exitCodes[hasLeftOver(status) ? 'rejected' : 'done'].code
    const lines = options.json
      ? [JSON.stringify({ file: call.arguments[0], ...status, exitCode })]
      : renderSyncStatus(status, io.stdout.columns)
    for (const line of lines) io.stdout.write(`${line}\n`)
    return exitCode
  } finally {
    file.close()
  }
}
