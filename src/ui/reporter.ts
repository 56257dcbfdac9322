// What the terminal sees: data goes to stdout, everything else to stderr. On a terminal one line is redrawn while a
// command works; elsewhere there are plain lines, one for each change of a job. `--quiet` leaves only errors.
import type { Writable } from 'node:stream'

/** How the events of a command become lines. Pure. */
export interface ProgressView<Event, Progress> {
  readonly start: Progress
  /** Progress after an event. */
  apply(progress: Progress, event: Event): Progress
  /** Progress in one line of at most `columns` characters. */
  renderProgress(progress: Progress, columns: number): string
  /** The line that stands for an event where no line can be redrawn, or `undefined`. */
  renderEvent(before: Progress, event: Event): string | undefined
}

/** Tells what goes on while a command works. */
export interface Reporter<Event> {
  readonly report: (event: Event) => void
  /** A line that stays: a note, an HTTP call. */
  readonly line: (text: string) => void
  /** Takes the redrawn line away until the next report, while somebody is asked a question. */
  readonly hide: () => void
  /** Takes the redrawn line away. Nothing may be reported after it. */
  readonly stop: () => void
}

export interface ReporterOptions {
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly quiet: boolean
  /** Whether a line may be redrawn: not while rows go to the same terminal. */
  readonly redraw: boolean
}

/** An event that every command has: a sentence for the user. */
type Note = { readonly type: 'note'; readonly text: string }

export async function createReporter<Event extends { readonly type: string } | Note, Progress>(
  view: ProgressView<Event, Progress>,
  { stderr, environment, quiet, redraw }: ReporterOptions,
): Promise<Reporter<Event>> {
  const line = (text: string) => void stderr.write(`${text}\n`)
  if (quiet) return { report: () => undefined, line: () => undefined, hide: () => undefined, stop: () => undefined }
  const canRedraw = redraw && isTerminal(stderr) && !isSet(environment.CI) && environment.TERM !== 'dumb'
  if (!canRedraw) return plainReporter(view, line)
  const { startSpinner } = await import('./spinner.ts')
  return redrawingReporter(view, startSpinner(stderr, !isSet(environment.NO_COLOR)), stderr)
}

function plainReporter<Event, Progress>(
  view: ProgressView<Event, Progress>,
  line: (text: string) => void,
): Reporter<Event> {
  let progress = view.start
  return {
    report: (event) => {
      const text = view.renderEvent(progress, event)
      progress = view.apply(progress, event)
      if (text !== undefined) line(text)
    },
    line,
    hide: () => undefined,
    stop: () => undefined,
  }
}

function redrawingReporter<Event extends { readonly type: string } | Note, Progress>(
  view: ProgressView<Event, Progress>,
  spinner: { show(text: string): void; line(text: string): void; hide(): void; stop(): void },
  stderr: ReporterOptions['stderr'],
): Reporter<Event> {
  let progress = view.start
  return {
    report: (event) => {
      progress = view.apply(progress, event)
      if (event.type === 'note' && 'text' in event) spinner.line(event.text)
      // Room for the spinner itself, and for a terminal that breaks a line which fills it exactly.
      spinner.show(view.renderProgress(progress, (stderr.columns ?? 80) - 4))
    },
    line: spinner.line,
    hide: spinner.hide,
    stop: spinner.stop,
  }
}

/** A terminal that knows its width: one without (0 columns, as in some containers) cannot have a line redrawn. */
function isTerminal({ isTTY, columns = 0 }: ReporterOptions['stderr']): boolean {
  return isTTY === true && columns > 0
}

/** As no-color.org says: present and not empty. `CI=false` is what some shells set to say no. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false'
}
