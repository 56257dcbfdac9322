import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { listRuns } from '../runs/list-runs.ts'
import { renderRuns } from '../ui/runs.ts'
import type { CommandCall } from './command.ts'
import type { OptionValues } from './option.ts'
import type { runsOptions } from './runs.ts'
import { summarizeRun } from './summarize-run.ts'

/** Lists the runs that are recorded. */
export async function run({ options, io }: CommandCall<OptionValues<typeof runsOptions>>): Promise<ExitCode> {
  const runs = (await listRuns(sfbulkHome(io.environment))).map(summarizeRun)
  const columns = io.stdout.columns ?? 80
  const lines = options.json ? [JSON.stringify({ runs })] : renderRuns(runs, columns)
  for (const line of lines) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}
