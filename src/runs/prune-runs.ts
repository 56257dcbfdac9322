import { stat } from 'node:fs/promises'
import { hasBegun, listRunIds, listRuns } from './list-runs.ts'
import { runFolder } from './run-folder.ts'
import { dropRun } from './run-journal.ts'
import { findHolder } from './run-lock.ts'

export interface Pruning {
  /** Ids of the runs whose records are gone. */
  readonly pruned: readonly string[]
  readonly kept: number
  /** Those among the kept that are at work or wait to be carried on. */
  readonly waiting: number
}

/** Deletes the records of runs that ended before a time (milliseconds since 1970); none that is at work or can be carried on. */
export async function pruneRuns(home: string, before: number): Promise<Pruning> {
  const runs = await listRuns(home)
  const pruned: string[] = []
  for (const { history, state } of runs) {
    const canResume = history.started.input.kind !== 'once'
    if (state === 'running' || (state === 'waiting' && canResume) || Date.parse(history.lastAt) >= before) continue
    await dropRun(home, history.run)
    pruned.push(history.run)
  }
  const ended = pruned.length
  for (const run of await listRunIds(home)) {
    if (!(await isLeftOver(home, run, before))) continue
    await dropRun(home, run)
    pruned.push(run)
  }
  const waiting = runs.filter(({ state }) => state !== 'finished').length
  return { pruned, kept: runs.length - ended, waiting }
}

/** Whether a folder is of a process that died before the record of its run had begun. */
async function isLeftOver(home: string, run: string, before: number): Promise<boolean> {
  const folder = runFolder(home, run)
  if ((await hasBegun(home, run)) || (await findHolder(folder)) !== undefined) return false
  const made = await stat(folder).catch(() => undefined)
  return made !== undefined && made.mtimeMs < before
}
