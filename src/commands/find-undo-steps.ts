import { stat } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import { readWrittenIds } from '../load/written-ids.ts'
import type { KnownRun } from '../runs/list-runs.ts'
import { runFolder } from '../runs/run-folder.ts'
import { imagePath, writtenIdsPath } from '../undo/undo-files.ts'
import { planSteps, type StepOfUndo } from '../undo/undo-steps.ts'

/** What would undo a run. Throws `UsageError` with the reason for a run that cannot be undone. */
export async function findUndoSteps(home: string, { history, state }: KnownRun): Promise<readonly StepOfUndo[]> {
  const { run, started, finished } = history
  const folder = runFolder(home, run)
  const counts = { created: 0, changed: 0 }
  for await (const records of readWrittenIds(writtenIdsPath(folder))) {
    for (const { created } of records) counts[created ? 'created' : 'changed']++
  }
  const hasImage = await stat(imagePath(folder)).then(
    () => true,
    () => false,
  )
  const accepted = finished?.rows.accepted ?? 0
  return planSteps({ run, command: started.command, finished: state === 'finished', hasImage, accepted, ...counts })
}

/** The command that undoes a run, or why there is none. */
export type UndoAnswer =
  | { readonly undo: string; readonly noUndo: null }
  | { readonly undo: null; readonly noUndo: string }

export async function tellUndo(home: string, known: KnownRun): Promise<UndoAnswer> {
  try {
    await findUndoSteps(home, known)
    return { undo: `sfbulk undo ${known.history.run}`, noUndo: null }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return { undo: null, noUndo: error.message }
  }
}
