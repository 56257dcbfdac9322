import { openKeptSource } from '../csv/kept-source.ts'
import type { ResumedFiles } from '../load/plan.ts'
import { keptInputFolder } from '../runs/run-folder.ts'
import type { RunHistory } from '../runs/run-history.ts'
import { checkSameInput } from './recorded-run.ts'

/**
 * Opens what a run that is carried on has kept of its input, from the last part that is in the result files on, and says
 * how much of those stands. Throws `UsageError` for an input that is not what it was.
 */
export async function reopenInput(past: RunHistory, folder: string): Promise<ResumedFiles> {
  const { started, written, completing, pieces } = past
  const { input } = started
  await checkSameInput(input, started)
  const success = completing?.success ?? written?.success ?? 0
  const errors = completing?.errors ?? written?.errors ?? 0
  if (input.kind !== 'kept') return { source: undefined, cut: false, success, errors }
  const { dialect, header, start } = input
  const ends = [...pieces.values()].flatMap(({ uploaded }) => (uploaded === undefined ? [] : [uploaded.to]))
  const { source, cutAt } = await openKeptSource({
    folder: keptInputFolder(folder),
    name: started.source,
    dialect,
    header,
    start,
    from: written?.from ?? start,
    whole: ends.sort((a, b) => b.offset - a.offset)[0],
  })
  return { source, cut: cutAt !== undefined, success, errors }
}
