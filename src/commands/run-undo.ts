import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { findRunId, type KnownRun, readRun } from '../runs/list-runs.ts'
import type { StepOfUndo } from '../undo/undo-steps.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { findUndoSteps } from './find-undo-steps.ts'
import { noValues, type OptionValues } from './option.ts'
import { runWrite, type WriteCall } from './run-write.ts'
import type { undoOptions } from './undo.ts'
import { addUpSteps, type StepAccount, takeAccount } from './undo-account.ts'
import { writeOptions } from './write-command.ts'

type UndoCall = CommandCall<OptionValues<typeof undoOptions>>

/** Puts back what a run changed: a run for each kind of change, one after the other. */
export async function run(call: UndoCall): Promise<CommandResult> {
  const { options, io } = call
  const home = sfbulkHome(io.environment)
  const undone = await readRun(home, await findRunId(home, call.arguments[0]))
  const steps = await findUndoSteps(home, undone)
  if (steps.length > 1) refuseOneFile(call)
  const accounts: StepAccount[] = []
  let result: CommandResult = exitCodes.done.code
  for (const step of steps) {
    const { io: own, taken } = takeAccount(io, options.json === true)
    const ended = await runWrite(step.step, callOfStep(step, undone, steps.length > 1, { ...call, io: own }))
    accounts.push(...taken())
    if (ended !== exitCodes.done.code) result = ended
    if (result !== exitCodes.done.code && result !== exitCodes.rejected.code) break
  }
  if (result === exitCodes.rejected.code && !options.quiet) {
    const { run } = undone.history
    io.stderr.write(
      `\nNext: see there why. What was changed since is put back, too, by\n  sfbulk undo ${run} --force\n`,
    )
  }
  if (options.json) io.stdout.write(`${JSON.stringify(addUpSteps(undone.history.run, accounts))}\n`)
  return result
}

/** The write that a step is: as if it had been typed, but for its rows, which are made of what the run has kept. */
function callOfStep(
  { step, which, onlyCreated }: StepOfUndo,
  { history: { run, started } }: KnownRun,
  isOneOfTwo: boolean,
  { options, io, signal }: UndoCall,
): WriteCall {
  // What the journal holds was typed and understood when the run began.
  const typed = started.call.options as Pick<UndoCall['options'], 'targetOrg' | 'apiVersion'>
  const { force = false, targetOrg = typed.targetOrg, apiVersion = typed.apiVersion, ...given } = options
  const undoes = { run, step, which, onlyCreated, force, name: isOneOfTwo ? `undo-${run}.${step}` : `undo-${run}` }
  return {
    arguments: [started.sobject, undefined],
    options: { ...noValues(writeOptions), ...given, targetOrg, apiVersion, undoes },
    io,
    signal,
  }
}

/** Two steps have files of their own each, of which the second would replace the first. */
function refuseOneFile({ options: { success, errors } }: UndoCall): void {
  const names = [success, errors].filter((name) => name !== undefined && name !== 'none')
  if (names.length === 0) return
  throw new UsageError('this undo deletes records and puts values back: each has files of its own', {
    code: 'TWO_STEPS',
    hint: 'leave out --success and --errors, or give none',
  })
}
