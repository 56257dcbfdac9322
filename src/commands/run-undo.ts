import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { findRunId, type KnownRun, readRun } from '../runs/list-runs.ts'
import type { StepOfUndo } from '../undo/undo-steps.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { findUndoSteps } from './find-undo-steps.ts'
import { noValues, type OptionValues } from './option.ts'
import { type ResumedRun, runWrite, type WriteCall } from './run-write.ts'
import type { Undoing } from './select-undo.ts'
import type { undoOptions } from './undo.ts'
import { addUpSteps, type StepAccount, takeAccount } from './undo-account.ts'
import { writeOptions } from './write-command.ts'

type UndoCall = CommandCall<OptionValues<typeof undoOptions>>

/** The write that a step of an undo is. */
export type UndoWrite = WriteCall & { readonly options: { readonly undoes: Undoing } }

/** Puts back what a run changed: a run for each kind of change, one after the other. */
export async function run(call: UndoCall): Promise<CommandResult> {
  const home = sfbulkHome(call.io.environment)
  const undone = await readRun(home, await findRunId(home, call.arguments[0]))
  const steps = await findUndoSteps(home, undone)
  if (steps.length > 1) refuseOneFile(call)
  const writes = steps.map((step) => callOfStep(step, undone, steps.length > 1, call))
  return await takeSteps(writes, undone.history.run)
}

/** Carries on a step of an undo that was interrupted, and takes those that come behind it. */
export async function resumeUndo(write: UndoWrite, resumed: ResumedRun): Promise<CommandResult> {
  const { undoes } = write.options
  const home = sfbulkHome(write.io.environment)
  const steps = await findUndoSteps(home, await readRun(home, undoes.run))
  const behind = steps.slice(steps.findIndex(({ step }) => step === undoes.step) + 1)
  if (behind.length === 0) return await runWrite(undoes.step, write, resumed)
  const writes = behind.map((step): UndoWrite => {
    const name = `undo-${undoes.run}.${step.step}`
    return { ...write, options: { ...write.options, undoes: { ...undoes, ...step, name } } }
  })
  return await takeSteps([write, ...writes], undoes.run, resumed)
}

/** `resumed`: for the first of the steps. */
async function takeSteps(writes: readonly UndoWrite[], run: string, resumed?: ResumedRun): Promise<CommandResult> {
  const accounts: StepAccount[] = []
  let result: CommandResult = exitCodes.done.code
  for (const [index, write] of writes.entries()) {
    const begun = index === 0 ? resumed : undefined
    const { io, taken } = takeAccount(begun?.io ?? write.io, write.options.json === true)
    const ended = await (begun === undefined
      ? runWrite(write.options.undoes.step, { ...write, io })
      : runWrite(write.options.undoes.step, write, { ...begun, io }))
    accounts.push(...taken())
    if (ended !== exitCodes.done.code) result = ended
    if (result !== exitCodes.done.code && result !== exitCodes.rejected.code) break
  }
  const [first] = writes
  const { stdout, stderr } = resumed?.io ?? first!.io
  if (result === exitCodes.rejected.code && !first!.options.quiet) {
    stderr.write(`\nNext: see there why. What was changed since is put back, too, by\n  sfbulk undo ${run} --force\n`)
  }
  if (first!.options.json) stdout.write(`${JSON.stringify(addUpSteps(run, accounts))}\n`)
  return result
}

/** The write that a step is: as if it had been typed, but for its rows, which are made of what the run has kept. */
function callOfStep(
  { step, which, onlyCreated }: StepOfUndo,
  { history: { run, started } }: KnownRun,
  isOneOfTwo: boolean,
  { options, io, signal }: UndoCall,
): UndoWrite {
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
