import type { RunJournal } from '../runs/run-journal.ts'
import type { LoadPlan } from './plan.ts'
import type { ResultWriter } from './write-results.ts'

/** Puts both result files under their names. */
export async function finishFiles(
  writer: ResultWriter,
  { success, errors }: LoadPlan,
  journal?: RunJournal,
): Promise<{ success: string | null; errors: string | null }> {
  await writer.end()
  await journal?.append({ type: 'completing', success: success.size(), errors: errors.size() })
  const { accepted, rejected } = writer.written
  return { success: await success.complete(accepted), errors: await errors.complete(rejected) }
}

/** Keeps both files under their temporary names, for a run that will be carried on. */
export async function suspendFiles({ success, errors }: LoadPlan): Promise<void> {
  await success.suspend()
  await errors.suspend()
}

/** Takes the temporary files away after a failure; nothing stands under the real names then. */
export async function spareFiles({ success, errors }: LoadPlan): Promise<void> {
  await success.discard()
  await errors.discard()
}
