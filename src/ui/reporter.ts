// What the terminal sees: data goes to stdout, everything else to stderr. On a terminal one line is redrawn while a
// command works; elsewhere there are plain lines, one for each change of a job. `--quiet` leaves only errors.
import type { Writable } from 'node:stream'
import { markLines, wrapLines } from '../wrap-lines.ts'
import type { ProgressStyle } from './progress-styles.ts'
import { showable, showableLines } from './showable.ts'

/** How the events of a command become lines. Pure. */
export interface ProgressView<Event, Progress> {
  readonly start: Progress
  /** Progress after an event. */
  apply(progress: Progress, event: Event): Progress
  /** Progress in one line of at most `columns` characters, after so many milliseconds. */
  renderProgress(progress: Progress, columns: number, elapsedMs: number): string
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
  /** Default: auto, which redraws a line where that can be done and writes plain ones elsewhere. */
  readonly style?: ProgressStyle | undefined
}

/** An event that every command has: a sentence for the user. */
type Note = { readonly type: 'note'; readonly text: string }

export async function createReporter<Event extends { readonly type: string } | Note, Progress>(
  view: ProgressView<Event, Progress>,
  { stderr, environment, quiet, redraw, style = 'auto' }: ReporterOptions,
): Promise<Reporter<Event>> {
  const write = (text: string) => void stderr.write(`${text}\n`)
  const line = (text: string) => write(showableLines(text))
  if (quiet) return { report: () => undefined, line: () => undefined, hide: () => undefined, stop: () => undefined }
  if (style === 'json') return jsonReporter(write)
  if (style === 'none') return { report: () => undefined, line, hide: () => undefined, stop: () => undefined }
  const canRedraw =
    style === 'auto' && redraw && isTerminal(stderr) && !isSet(environment.CI) && environment.TERM !== 'dumb'
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

/** Counters that grow all the time are told once a second, and as they stand in the end. */
function jsonReporter<Event extends { readonly type: string } | Note>(line: (text: string) => void): Reporter<Event> {
  const tell = (event: object) => line(JSON.stringify({ time: new Date().toISOString(), ...event }))
  const told = new Map<string, number>()
  const held = new Map<string, Event>()
  const tellHeld = () => {
    for (const event of held.values()) tell(event)
    held.clear()
  }
  return {
    report: (event) => {
      const isCounter = event.type === 'read' || event.type === 'written'
      if (isCounter && performance.now() - (told.get(event.type) ?? Number.NEGATIVE_INFINITY) < 1_000) {
        held.set(event.type, event)
        return
      }
      told.set(event.type, performance.now())
      if (isCounter) held.delete(event.type)
      else tellHeld()
      tell(event)
    },
    line: (text) => tell({ type: 'note', text }),
    hide: () => undefined,
    stop: tellHeld,
  }
}

function redrawingReporter<Event extends { readonly type: string } | Note, Progress>(
  view: ProgressView<Event, Progress>,
  spinner: { show(text: string): void; line(text: string): void; hide(): void; stop(): void },
  stderr: ReporterOptions['stderr'],
): Reporter<Event> {
  let progress = view.start
  const began = performance.now()
  return {
    report: (event) => {
      progress = view.apply(progress, event)
      if (event.type === 'note' && 'text' in event)
        spinner.line(wrapLines(markLines(showableLines(event.text)), stderr.columns ?? 80))
      // Room for the spinner itself, and for a terminal that breaks a line which fills it exactly.
      spinner.show(showable(view.renderProgress(progress, (stderr.columns ?? 80) - 4, performance.now() - began)))
    },
    line: (text) => spinner.line(showableLines(text)),
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
