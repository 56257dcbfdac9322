import { ExpectedError, RunError } from '../errors.ts'

/** What no later try can read either. What a disk or a network share fails to give may be read when the run is carried on. */
const lasting: ReadonlySet<string> = new Set(['BAD_GZIP', 'LINE_TOO_LONG'])

/**
 * The failure of a run whose input is damaged behind the row of this line; undefined where the damage may pass. It is no usage
 * error, whatever its cause is by itself: rows before it may have been sent.
 */
export function brokenInput(error: unknown, line: number): RunError | undefined {
  if (!(error instanceof ExpectedError && lasting.has(error.code))) return undefined
  return new RunError(`${error.message}; the row of line ${line} is the last that was read`, {
    code: error.code,
    hint: `the result files hold the rows up to there; send what stands behind them, and the errors file, when the input is mended${error.hint ? `\n${error.hint}` : ''}`,
    cause: error,
  })
}
