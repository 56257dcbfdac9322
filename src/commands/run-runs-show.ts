import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { findRunId, readRun } from '../runs/list-runs.ts'
import { renderRun } from '../ui/runs.ts'
import type { CommandCall } from './command.ts'
import { tellUndo } from './find-undo-steps.ts'
import type { OptionValues } from './option.ts'
import type { runsOptions } from './runs.ts'
import { summarizeRun } from './summarize-run.ts'

/** Tells all that is recorded of a run. */
export async function run(call: CommandCall<OptionValues<typeof runsOptions>>): Promise<ExitCode> {
  const { options, io } = call
  const home = sfbulkHome(io.environment)
  const known = await readRun(home, await findRunId(home, call.arguments[0]))
  const summary = summarizeRun(known)
  const undo = await tellUndo(home, known)
  const lines = options.json ? [JSON.stringify({ ...summary, ...undo })] : renderRun({ ...summary, ...undo })
  for (const line of lines) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}
