import { listRuns } from './list-runs.ts'
import { dropRun } from './run-journal.ts'

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
  const waiting = runs.filter(({ state }) => state !== 'finished').length
  return { pruned, kept: runs.length - pruned.length, waiting }
}
