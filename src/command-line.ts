import { CommanderError } from 'commander'
import type { Io } from './commands/command.ts'
import { findFailedWrite } from './commands/failed-write.ts'
import { RunError, UnfinishedError, UsageError } from './errors.ts'
import { runProgram } from './program.ts'
import { accountForError, type ErrorAccount, renderError, renderErrorJson } from './ui/error-text.ts'
import { showableLines } from './ui/showable.ts'
import { markLines, wrapLines } from './wrap-lines.ts'

/**
 * Runs one command line and returns the exit code. The one place that prints an error; nothing below it ends the
 * process.
 */
export async function runCommandLine(argv: readonly string[], io: ClosableIo = processIo()): Promise<number> {
  const interruption = listenForSignals(io)
  const output = watchOutput(io)
  try {
    const result = await runProgram(argv, io, interruption.signal).catch(doneAfterHelp)
    await output.settle()
    return typeof result === 'number' ? result : tellError(accountForError(result), io)
  } catch (error) {
    return isClosedPipe(error) ? 0 : printError(error, argv, io)
  } finally {
    interruption.forget()
    io.close?.()
  }
}

interface ClosableIo extends Io {
  /** Lets go of what would keep the process alive. */
  readonly close?: () => void
}

function processIo(): ClosableIo {
  const { stdout, stderr, env } = process
  let opened = false
  return {
    // A getter: touching standard input opens it, and an open one that nobody reads keeps the process alive.
    get stdin() {
      opened = true
      return process.stdin
    },
    stdout,
    stderr,
    environment: env,
    // Likewise: what needs no folder works where there is none any more.
    get folder() {
      return currentFolder()
    },
    close: () => {
      if (opened) process.stdin.destroy()
    },
  }
}

/** Throws `UsageError` in a folder that somebody has deleted. */
function currentFolder(): string {
  try {
    return process.cwd()
  } catch (cause) {
    throw new UsageError('the current folder is not there any more', {
      code: 'FOLDER_GONE',
      hint: 'go to another one',
      cause,
    })
  }
}

/** Commander throws after a help or a version, too. */
function doneAfterHelp(error: unknown): 0 {
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  throw error
}

function printError(error: unknown, argv: readonly string[], io: Io): number {
  let shown = error
  if (error instanceof CommanderError) {
    // The help of a line without a command is an answer to a mistake.
    if (error.code === 'commander.help') return 2
    shown = readParserError(error.message, argv)
  }
  const account = accountForError(shown)
  if (asksForJson(argv)) io.stdout.write(`${renderErrorJson(account, findFailedWrite(error, argv))}\n`)
  return tellError(account, io)
}

function tellError(account: ErrorAccount, { stderr }: Io): number {
  const text = showableLines(renderError(account).join('\n'))
  // A terminal would break words.
  const columns = stderr.isTTY === true ? (stderr.columns ?? 0) : 0
  stderr.write(`${columns > 0 ? wrapLines(markLines(text), columns) : text}\n`)
  return account.exitCode
}

/** Commander's `error: unknown option '--foo'\n(Did you mean --bar?)` as an error of ours. */
function readParserError(text: string, argv: readonly string[]): UsageError {
  const [message = '', suggestion] = text.replace(/^error: /, '').split('\n')
  const [command = ''] = groupedCommand.exec(argv.slice(0, 2).join(' ')) ?? /^[a-z][a-z-]*$/.exec(argv[0] ?? '') ?? []
  const help = command !== '' && !message.startsWith('unknown command') ? `${command} --help` : '--help'
  const advice = suggestion === undefined ? [] : [suggestion.replace(/^\(|\)$/g, '')]
  return new UsageError(message, { code: 'COMMAND_LINE', hint: [...advice, `see sfbulk ${help}`].join('\n') })
}

/** The commands that stand below another have options of their own. */
const groupedCommand = /^(?:sync|org) [a-z][a-z-]*$|^runs (?:show|prune)$/

function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json')
}

/**
 * The first signal asks the command to come to an orderly end; the second ends the process on the spot, which leaves jobs
 * to the service and result files under their temporary names.
 */
function listenForSignals(io: Io): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController()
  const listen = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      io.stderr.write('sfbulk: stopped at once\n')
      process.exit(130)
    }
    controller.abort(new UnfinishedError(`interrupted by ${name}`, { code: 'INTERRUPTED' }))
  }
  const names: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const name of names) process.on(name, listen)
  return {
    signal: controller.signal,
    forget: () => {
      for (const name of names) process.off(name, listen)
    },
  }
}

/**
 * A closed pipe (`| head`) is no error: without a listener it would end the process with a stack. Any other failure of
 * standard output, such as a full disk, is told by `settle` once everything written has been handed over.
 */
function watchOutput({ stdout, stderr }: Io): { readonly settle: () => Promise<void> } {
  let failure: Error | undefined
  stdout.on('error', (error) => {
    if (!isClosedPipe(error)) failure ??= error
  })
  stderr.on('error', () => undefined)
  return {
    settle: async () => {
      await new Promise<void>((resolve) => stdout.write('', () => resolve()))
      if (failure !== undefined) {
        throw new RunError(`standard output cannot be written: ${failure.message}`, { code: 'OUTPUT', cause: failure })
      }
    },
  }
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE'
}
