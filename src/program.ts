import { Option, Command as Parser } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import type { Command, CommandResult, Io } from './commands/command.ts'
import type { OptionDeclarations, OptionValues } from './commands/option.ts'
import { commands } from './commands/table.ts'
import { UsageError } from './errors.ts'
import { exitCodes } from './exit-codes.ts'
import { findNearest } from './nearest.ts'
import { wrapLines, wrapMark } from './wrap-lines.ts'

/** Runs a command when the line has been understood; its result is the exit code of the program. */
export type StartCommand = (
  command: Command,
  values: readonly (string | undefined)[],
  options: OptionValues<OptionDeclarations>,
) => Promise<void>

/** Where the help and the version go. */
export interface ProgramOutput {
  readonly write: (text: string) => void
  readonly writeError: (text: string) => void
  /** How wide the help may be; undefined: its lines are left as `wrapLines` takes them. */
  readonly columns?: number
}

/**
 * Reads the command line and runs the command that it names. Throws commander's `CommanderError` for a line that cannot
 * be understood, and after a help or version that was asked for.
 */
export async function runProgram(argv: readonly string[], io: Io, signal: AbortSignal): Promise<CommandResult> {
  let result: CommandResult = exitCodes.done.code
  const start: StartCommand = async (command, values, options) => {
    const { applyConfig } = await import('./commands/config-defaults.ts')
    // A Tab must not fail for a file that is being written.
    const filled = command.hidden ? options : await applyConfig(command, options, io)
    const { run } = await command.load()
    result = await run({ arguments: values, options: filled, io, signal })
  }
  const output: ProgramOutput = {
    write: (text) => io.stdout.write(text),
    writeError: (text) => io.stderr.write(text),
    columns: Math.min(io.stdout.columns ?? 100, 120),
  }
  await buildProgram(output, start, commandsFor(argv)).parseAsync(argv, { from: 'user' })
  return result
}

/** To declare a command takes as long as to understand its line, so a line that begins with one of them goes without the others. */
function commandsFor([first]: readonly string[]): readonly Command[] {
  const named = commands.filter(({ name }) => name.split(' ')[0] === first)
  return named.length > 0 ? named : commands
}

const helpOption = new Option('-h, --help', 'show this help').helpGroup('General:')

/** The parser of the whole command line, its commands in the order of the help; or of lines with certain commands. */
export function buildProgram(
  output: ProgramOutput,
  start: StartCommand,
  declared: readonly Command[] = commands,
): Parser {
  const wrap = (text: string) => (output.columns === undefined ? text : wrapLines(text, output.columns))
  const program = new Parser('sfbulk')
    .description(manifest.description)
    .version(manifest.version, '-V, --version', 'print the version')
    .usage('<command> [arguments] [options]')
    .addHelpOption(helpOption)
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .enablePositionalOptions()
    .configureHelp({
      subcommandTerm: (command) => `${command.name()} ${renderArguments(command)}`.trimEnd(),
      formatItem: (term, width, about) => `  ${about === '' ? term : `${term.padEnd(width)}  ${wrapMark}${about}`}`,
      boxWrap: (text) => text.replaceAll(/^(?=.)/gm, wrapMark),
    })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.write(wrap(text)),
      writeErr: (text) => output.writeError(wrap(text)),
      // What cannot be understood is thrown, and printed where all errors are.
      outputError: () => undefined,
    })
  // Beside the option for help.
  program.options[0]?.helpGroup('General:')
  const groups = new Map<string, Parser>()
  for (const command of declared) addCommand(program, groups, command, start)
  program
    .command('help')
    .argument('[command...]')
    .summary('show the help of a command')
    .addHelpOption(helpOption)
    .action((words: readonly string[]) => findCommand(program, words).help())
  return program
}

/** The parser of `org start`. Throws `UsageError` with the nearest names for a command that is not there. */
function findCommand(program: Parser, words: readonly string[]): Parser {
  return words.reduce((parser, word) => {
    const found = parser.commands.find((command) => command.name() === word)
    if (found) return found
    const near = findNearest(
      word,
      parser.commands.map((command) => command.name()),
    )
    throw new UsageError(`there is no command ${words.join(' ')}`, {
      code: 'COMMAND_LINE',
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'see sfbulk --help',
    })
  }, program)
}

function addCommand(program: Parser, groups: Map<string, Parser>, command: Command, start: StartCommand): void {
  const words = command.name.split(' ')
  const name = words.at(-1) ?? command.name
  const parent = words.length > 1 ? groupParser(program, groups, words[0] ?? '') : program
  const parser = parent
    .command(name, { hidden: command.hidden ?? false })
    .summary(command.summary)
    .description(command.details === undefined ? command.summary : `${command.summary}\n\n${command.details}`)
    .addHelpOption(helpOption)
    .addHelpText('after', renderHelpEnd(command))
  for (const { name, about } of command.arguments) parser.argument(name, about)
  for (const { heading, flags, about, read, required = false, conflicts = [] } of Object.values(command.options)) {
    const option = new Option(flags, about)
      .helpGroup(`${heading}:`)
      .conflicts([...conflicts])
      .makeOptionMandatory(required)
    if (read !== undefined) option.argParser(read)
    parser.addOption(option)
  }
  if (words.length === 1) groups.set(name, parser)
  parser.usage(`${renderArguments(parser)} [options]`.trimStart())
  // A variadic argument arrives as a list of its own.
  parser.action(() => start(command, parser.processedArgs.flat(), parser.opts()))
}

const groupSummaries: Readonly<Record<string, string>> = {
  org: 'the built-in org: start it for other programs, or reset it',
  sync: 'a local SQLite copy of objects: read, edited with SQL, sent back',
}

function groupParser(program: Parser, groups: Map<string, Parser>, name: string): Parser {
  const known = groups.get(name)
  // Options behind the second word are those of its own command.
  if (known !== undefined) return known.enablePositionalOptions()
  const parser = program
    .command(name)
    .description(groupSummaries[name] ?? '')
    .addHelpOption(helpOption)
  groups.set(name, parser)
  return parser
}

/** `<sobject> [file]` */
function renderArguments({ registeredArguments }: Parser): string {
  return registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`)).join(' ')
}

function renderHelpEnd({ examples, exits }: Command): string {
  const lines = ['', 'Examples:']
  for (const { about, line } of examples) lines.push(`  # ${wrapMark}${about}`, ...breakExample(line))
  lines.push('', 'Exit codes:')
  for (const name of exits) lines.push(`  ${exitCodes[name].code}  ${wrapMark}${exitCodes[name].meaning}`)
  return lines.join('\n')
}

/** An example that is wider than most terminals goes on in a line more, which a shell takes for the same one. */
function breakExample(line: string): readonly string[] {
  const lines: string[] = []
  for (const words of line.split(/ (?=--?[a-z]|\| )/)) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(`  ${words}`)
    else if (last.length + words.length < 78) lines[lines.length - 1] = `${last} ${words}`
    else lines.splice(-1, 1, `${last} \\`, `    ${words}`)
  }
  return lines
}
