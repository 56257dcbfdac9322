import type { Readable, Writable } from 'node:stream'
import type { ExpectedError } from '../errors.ts'
import type { ExitCode, ExitName } from '../exit-codes.ts'
import type { OptionDeclarations, OptionValues } from './option.ts'

/** What the program reads from and writes to: the process's own in a terminal, others in tests. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  /** Data. */
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  /** Talk: progress, summaries, questions, errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder against which relative paths stand. */
  readonly folder: string
}

/** One call of a command: what was typed, and what it may use. */
export interface CommandCall<Values> {
  /** In the order of the command's declaration; `undefined` for an optional one that was left out. */
  readonly arguments: readonly (string | undefined)[]
  readonly options: Values
  readonly io: Io
  /** Aborted by the first Ctrl-C, by SIGTERM and by SIGHUP. Its reason is the `UnfinishedError` to end with. */
  readonly signal: AbortSignal
}

/** How a command ended. An error is returned, and not thrown, after its account has been given on stdout. */
export type CommandResult = ExitCode | ExpectedError

export interface CommandModule<Values> {
  run(call: CommandCall<Values>): Promise<CommandResult>
}

/** A command as its help shows it. Its code is loaded when it is called, and not before. */
export interface Command<Options extends OptionDeclarations = OptionDeclarations> {
  /** One word, or two for a command within a group: `org start`. */
  readonly name: string
  /** Left out of the help: for programs, not for people. */
  readonly hidden?: boolean
  readonly summary: string
  /** A paragraph that the help shows below the summary. */
  readonly details?: string
  readonly arguments: readonly ArgumentDeclaration[]
  readonly options: Options
  readonly examples: readonly Example[]
  /** The exit codes that it can end with. */
  readonly exits: readonly ExitName[]
  load(): Promise<CommandModule<OptionValues<Options>>>
}

export interface ArgumentDeclaration {
  /** `<required>` or `[optional]`. */
  readonly name: string
  readonly about: string
}

export interface Example {
  readonly about: string
  readonly line: string
}

/** Declares a command; the types of its options reach its `run`. */
export function defineCommand<Options extends OptionDeclarations>(command: Command<Options>): Command<Options> {
  return command
}
