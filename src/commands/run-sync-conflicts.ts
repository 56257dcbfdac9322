import { exitCodes } from '../exit-codes.ts'
import { listConflicts } from '../sync/conflicts.ts'
import { openSyncFile } from '../sync/sync-file.ts'
import { renderConflicts } from '../ui/sync.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { syncPath } from './with-sync.ts'

/** Where no terminal says how wide it is. */
const wide = 130

/** Lists the conflicts of a sync file. */
export async function run(call: CommandCall<{ readonly json: boolean | undefined }>): Promise<CommandResult> {
  const { options, io } = call
  const file = openSyncFile(syncPath(call), call.arguments[0])
  try {
    const conflicts = listConflicts(file)
    const exitCode = exitCodes[conflicts.length > 0 ? 'rejected' : 'done'].code
    const lines = options.json
      ? [JSON.stringify({ file: call.arguments[0], conflicts, exitCode })]
      : renderConflicts(conflicts, io.stdout.columns ?? wide)
    for (const line of lines) io.stdout.write(`${line}\n`)
    if (conflicts.length === 0 && !options.json) io.stderr.write('no conflicts\n')
    return exitCode
  } finally {
    file.close()
  }
}
