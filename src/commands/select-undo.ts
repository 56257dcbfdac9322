import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formatCount } from '../format-count.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { readRun } from '../runs/list-runs.ts'
import { runFolder } from '../runs/run-folder.ts'
import { ImageStore } from '../undo/image-store.ts'
import { prepareUndo, type UndoForecast, type UndoPlan, type UndoStep } from '../undo/prepare-undo.ts'
import { imagePath, writtenIdsPath } from '../undo/undo-files.ts'
import type { CommandCall } from './command.ts'
import { checkSameOrg } from './recorded-run.ts'
import { canAsk, confirm } from './select-rows.ts'
import type { Talk } from './talk.ts'

/** Which run a write undoes, and which of its records it is about. It is part of the write's options, and recorded with them. */
export interface Undoing extends Pick<UndoPlan, 'step' | 'which' | 'onlyCreated' | 'force'> {
  readonly run: string
  /** What the result files are named after. */
  readonly name: string
}

interface UndoSelection {
  readonly yes?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

export interface SelectUndoTools {
  readonly org: Org
  /** Folder of the CSV. */
  readonly place: string
  /** Folder of the undo's own run, where it keeps how it finds the records. */
  readonly folder: string
  readonly talk: Pick<Talk<never>, 'line' | 'hide'>
}

/**
 * Writes the rows of a step of an undo into a CSV, asks on a terminal whether to go on, and gives the path: the run that is
 * named is the answer where nobody can be asked. Throws `UsageError` when the answer is no.
 */
export async function selectUndo(
  undoing: Undoing,
  { arguments: [object = ''], options, io, signal }: CommandCall<UndoSelection>,
  { org, place, folder, talk }: SelectUndoTools,
): Promise<string> {
  const home = sfbulkHome(io.environment)
  const { history } = await readRun(home, undoing.run)
  checkSameOrg(org, history.started.org, undoing.run)
  const undone = runFolder(home, undoing.run)
  const hasImage = await stat(imagePath(undone)).then(
    () => true,
    () => false,
  )
  const output = join(place, 'undo.csv')
  const kept = hasImage ? ImageStore.open(imagePath(undone), []) : undefined
  let forecast: UndoForecast
  try {
    const plan: UndoPlan = {
      ...undoing,
      object: await org.describe(object),
      idsFile: writtenIdsPath(undone),
      kept,
      output,
      storeFile: imagePath(options.dryRun ? place : folder),
    }
    forecast = await prepareUndo(plan, { org, signal, folder: place, note: talk.line })
  } finally {
    kept?.close()
  }
  for (const line of describeForecast(undoing.step, object, forecast)) talk.line(line)
  const unknown = history.finished?.rows.unknown ?? 0
  if (unknown > 0)
    talk.line(`${formatCount(unknown)} rows of run ${undoing.run} have no known outcome: they are left out`)
  const asks = options.yes !== true && options.dryRun !== true && forecast.undo > 0 && canAsk(io)
  if (!asks) return output
  talk.hide()
  await confirm(`${undoing.step} ${count(forecast.undo, object)} on ${org.name}`, io, signal)
  return output
}

function describeForecast(step: UndoStep, object: string, { undo, done, conflicts }: UndoForecast): readonly string[] {
  const what = { delete: 'to delete', update: 'to put back', undelete: 'to bring back' }[step]
  return [
    `${count(undo, object)} ${what}`,
    ...(done > 0 ? [`${count(done, object)} as before the run already`] : []),
    ...(conflicts > 0 ? [`${count(conflicts, object)} left as they are: the errors file says why`] : []),
  ]
}

function count(records: number, object: string): string {
  return `${formatCount(records)} ${object} ${records === 1 ? 'record' : 'records'}`
}
