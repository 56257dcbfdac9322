import type { LoadPlan } from './plan.ts'
import type { ResultWriter } from './write-results.ts'

/** Puts both result files under their names. */
export async function finishFiles(
  writer: ResultWriter,
  { success, errors }: LoadPlan,
): Promise<{ success: string | null; errors: string | null }> {
  await writer.end()
  const { accepted, rejected } = writer.written
  return { success: await success.complete(accepted), errors: await errors.complete(rejected) }
}

/** Takes the temporary files away after a failure; nothing stands under the real names then. */
export async function spareFiles({ success, errors }: LoadPlan): Promise<void> {
  await success.discard()
  await errors.discard()
}
