import { rmSync, statSync } from 'node:fs'
import { createSyncFile } from '../sync/sync-file.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { OptionValues } from './option.ts'
import { addToFile } from './run-sync-add.ts'
import type { objectOptions } from './sync-options.ts'
import { syncPath } from './with-sync.ts'

/** Makes a sync file with its objects; where that fails there is no file afterwards, unless there was one before. */
export async function run(call: CommandCall<OptionValues<typeof objectOptions>>): Promise<CommandResult> {
  const path = syncPath(call)
  const isNew = statSync(path, { throwIfNoEntry: false }) === undefined
  const file = createSyncFile(path, call.arguments[0])
  try {
    return await addToFile(call, file)
  } catch (error) {
    if (isNew) for (const suffix of ['', '-wal', '-shm', '-sync']) rmSync(`${path}${suffix}`, { force: true })
    throw error
  }
}
