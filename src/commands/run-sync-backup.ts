import { resolve } from 'node:path'
import { exitCodes } from '../exit-codes.ts'
import { backupFile } from '../sync/backup.ts'
import { openSyncFile } from '../sync/sync-file.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { syncPath } from './with-sync.ts'

/** Copies a sync file while it is in use. */
export async function run(
  call: CommandCall<{ readonly json: boolean | undefined; readonly quiet: boolean | undefined }>,
): Promise<CommandResult> {
  const { options, io } = call
  const [path, copy = ''] = call.arguments
  const file = openSyncFile(syncPath(call), call.arguments[0])
  try {
    backupFile(file, resolve(io.folder, copy))
  } finally {
    file.close()
  }
  const exitCode = exitCodes.done.code
  if (options.json) io.stdout.write(`${JSON.stringify({ file: path, copy, exitCode })}\n`)
  if (!options.quiet) io.stderr.write(`${path} is sound, and copied to ${copy}\n`)
  return exitCode
}
