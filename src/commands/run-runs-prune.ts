import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { pruneRuns } from '../runs/prune-runs.ts'
import type { CommandCall } from './command.ts'
import type { OptionValues } from './option.ts'
import type { runsPruneOptions } from './runs.ts'

const defaultDays = 30
const day = 24 * 60 * 60_000

/** Deletes the records of runs that ended long ago. */
export async function run({ options, io }: CommandCall<OptionValues<typeof runsPruneOptions>>): Promise<ExitCode> {
  const before = Date.now() - (options.olderThan ?? defaultDays) * day
  const { pruned, kept, waiting } = await pruneRuns(sfbulkHome(io.environment), before)
  const open = waiting === 0 ? '' : `, ${waiting} of them not finished`
  const line = options.json ? JSON.stringify({ pruned, kept }) : `${pruned.length} deleted, ${kept} kept${open}`
  io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}
