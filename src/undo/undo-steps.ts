import { UsageError } from '../errors.ts'
import type { UndoPlan, UndoStep } from './prepare-undo.ts'

/** What is known of a run that is to be undone. */
export interface UndoneRun {
  readonly run: string
  /** `upsert`, `attach`, `query`, … */
  readonly command: string
  readonly finished: boolean
  /** Whether it has kept how its records were. */
  readonly hasImage: boolean
  /** Records that it created, and that it wrote otherwise, as far as their Ids were kept. */
  readonly created: number
  readonly changed: number
  /** Rows that were accepted. */
  readonly accepted: number
}

/** A step of an undo, and which records it is about. */
export type StepOfUndo = Pick<UndoPlan, 'step' | 'which' | 'onlyCreated'>

/**
 * What puts back what a run has changed: created records first, since a value that must be unique may have to be free before
 * it is put back. Throws `UsageError` with the reason for a run that cannot be undone.
 */
export function planSteps(run: UndoneRun): readonly StepOfUndo[] {
  const step = (name: UndoStep, which: StepOfUndo['which'] = 'all'): StepOfUndo => ({
    step: name,
    which,
    onlyCreated: false,
  })
  checkUndoable(run.command)
  if (!run.finished) {
    throw cannotUndo(`run ${run.run} is not at its end`, `carry it on first: sfbulk resume ${run.run}`)
  }
  if (run.accepted > 0 && run.created + run.changed === 0) {
    throw cannotUndo(`run ${run.run} has kept no Ids of what it wrote`, 'its success file tells them')
  }
  switch (run.command) {
    case 'insert':
    case 'undelete':
      return [step('delete')]
    case 'delete':
      return [step('undelete')]
    case 'update':
      if (!run.hasImage) throw withoutImage(run.run, 'an update')
      return [step('update')]
    case 'upsert':
      return planUpsert(run, step)
    default:
      throw cannotUndo(
        `run ${run.run} is of ${run.command}, which cannot be undone`,
        'sfbulk runs lists the runs and what they were',
      )
  }
}

/** Throws `UsageError` for an operation that leaves nothing to bring back. */
export function checkUndoable(operation: string): void {
  if (operation !== 'hard-delete') return
  throw cannotUndo(
    'a hard delete cannot be undone: its records do not go to the recycle bin',
    'sfbulk delete takes the same file, and its records come back for 15 days',
  )
}

/** Without former values what an upsert created can be deleted all the same; the rest is reported. */
function planUpsert(
  { run, hasImage, created, changed }: UndoneRun,
  step: (name: UndoStep, which: StepOfUndo['which']) => StepOfUndo,
): readonly StepOfUndo[] {
  if (changed > 0 && !hasImage) {
    if (created === 0) throw withoutImage(run, 'an upsert')
    return [{ step: 'delete', which: 'all', onlyCreated: true }]
  }
  const steps = [
    ...(created > 0 ? [step('delete', 'created')] : []),
    ...(changed > 0 ? [step('update', 'changed')] : []),
  ]
  return steps.length === 0 ? [step('delete', 'created')] : steps
}

function withoutImage(run: string, what: string): UsageError {
  return cannotUndo(
    `run ${run} was ${what} without --undo, so that the former values were not kept`,
    'give --undo to the next one; it reads the records before it sends the first row',
  )
}

function cannotUndo(message: string, hint: string): UsageError {
  return new UsageError(message, { code: 'CANNOT_UNDO', hint })
}
