import type { ProgressStyle } from '../ui/progress-styles.ts'
import { createReporter, type ProgressView, type Reporter } from '../ui/reporter.ts'
import { showableLines } from '../ui/showable.ts'
import type { CommandCall } from './command.ts'

interface TalkOptions {
  readonly quiet: boolean | undefined
  readonly verbose: boolean | undefined
  readonly progress?: ProgressStyle | undefined
}

/** What a command says on stderr while it works. */
export interface Talk<Event> extends Reporter<Event> {
  /** Takes the lines of `--verbose`; none without it. */
  readonly log: ((line: string) => void) | undefined
  /** Lines that stay when the work is done; none with `--quiet`. */
  readonly conclude: (lines: readonly string[]) => void
}

/** Opens the talk of a command: progress by `view`, HTTP calls with `--verbose`, a word when Ctrl-C has been heard. */
export async function openTalk<Event extends { readonly type: string }, Progress>(
  { options, io, signal }: CommandCall<TalkOptions>,
  view: ProgressView<Event, Progress>,
  redraw: boolean,
): Promise<Talk<Event>> {
  const { stderr, environment } = io
  const quiet = options.quiet === true
  const reporter = await createReporter(view, { stderr, environment, quiet, redraw, style: options.progress })
  const sayStopping = () => reporter.line('stopping in good order; Ctrl-C once more stops at once')
  signal.addEventListener('abort', sayStopping, { once: true })
  const stop = () => {
    signal.removeEventListener('abort', sayStopping)
    reporter.stop()
  }
  return {
    report: reporter.report,
    line: reporter.line,
    hide: reporter.hide,
    stop,
    log: options.verbose ? reporter.line : undefined,
    conclude: (lines) => {
      // Whoever reads JSON gets nothing else.
      if (options.progress === 'json') reporter.line(lines.join('\n').trim())
      else if (!quiet) for (const line of lines) stderr.write(`${showableLines(line)}\n`)
    },
  }
}
