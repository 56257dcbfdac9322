import { ExpectedError } from '../errors.ts'
import type { RecordedError } from '../runs/run-entries.ts'

/** An error as journals and `--json` have it. */
export function describeError(error: unknown): RecordedError {
  if (error instanceof ExpectedError) return { code: error.code, message: error.message, hint: error.hint ?? null }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), hint: null }
}
