// What the terminal sees: data goes to stdout, everything else to stderr. On a terminal one line is redrawn while a load
// runs; elsewhere there are plain lines, one for each change of a job. `--quiet` leaves only errors.
import type { Writable } from 'node:stream'
import type { Report } from '../load/events.ts'
import { applyEvent, noProgress, renderEvent, renderProgress } from './progress.ts'

/** Tells what goes on while a command works. */
export interface Reporter {
  readonly report: Report
  /** A line that stays: a note, an HTTP call. */
  readonly line: (text: string) => void
  /** Takes the redrawn line away. Nothing may be reported after it. */
  readonly stop: () => void
}

export interface ReporterOptions {
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly quiet: boolean
}

export async function createReporter({ stderr, environment, quiet }: ReporterOptions): Promise<Reporter> {
  const line = (text: string) => void stderr.write(`${text}\n`)
  if (quiet) return { report: () => undefined, line: () => undefined, stop: () => undefined }
  if (stderr.isTTY !== true || isSet(environment.CI) || environment.TERM === 'dumb') return plainReporter(line)
  const { startSpinner } = await import('./spinner.ts')
  return redrawingReporter(startSpinner(stderr, !isSet(environment.NO_COLOR)), stderr)
}

function plainReporter(line: (text: string) => void): Reporter {
  let progress = noProgress
  return {
    report: (event) => {
      const text = renderEvent(progress, event)
      progress = applyEvent(progress, event)
      if (text !== undefined) line(text)
    },
    line,
    stop: () => undefined,
  }
}

function redrawingReporter(
  spinner: { show(text: string): void; line(text: string): void; stop(): void },
  { columns = 80 }: ReporterOptions['stderr'],
): Reporter {
  let progress = noProgress
  return {
    report: (event) => {
      progress = applyEvent(progress, event)
      if (event.type === 'note') spinner.line(event.text)
      // Room for the spinner itself, and for a terminal that breaks a line which fills it exactly.
      spinner.show(renderProgress(progress, columns - 4))
    },
    line: spinner.line,
    stop: spinner.stop,
  }
}

/** As no-color.org says: present and not empty. `CI=false` is what some shells set to say no. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false'
}
