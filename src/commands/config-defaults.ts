import { configKeys, readConfig } from '../connections/config-file.ts'
import { UsageError } from '../errors.ts'
import type { Value } from '../org/login-flows.ts'
import type { Command, Io } from './command.ts'
import type { OptionDeclaration, OptionDeclarations, OptionValues } from './option.ts'

/** Settings that the environment may give, too, which goes before a config file: read where both are known. */
const readLater: ReadonlySet<string> = new Set(['target-org', 'api-version'])

/**
 * The options of a command line with what the config files say for those that were not typed. An option that was typed also
 * hides those that cannot stand beside it. Throws `UsageError` naming the file for a value that the option does not take.
 */
export async function applyConfig(
  command: Command,
  typed: OptionValues<OptionDeclarations>,
  { environment, folder }: Pick<Io, 'environment' | 'folder'>,
): Promise<OptionValues<OptionDeclarations>> {
  const { values } = await readConfig(environment, folder)
  const filled: Record<string, unknown> = { ...typed }
  for (const [key, value] of values) {
    const name = key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    const option = command.options[name]
    if (option === undefined || option.inConfig === false || readLater.has(key) || typed[name] !== undefined) continue
    if (findConflicts(command, name).some((other) => typed[other] !== undefined)) continue
    filled[name] = readValue(key, value, option)
  }
  return filled
}

/** Whether the option of this name is declared not to go with another, by either of the two. */
function findConflicts({ options }: Command, name: string): readonly string[] {
  const others = Object.entries(options).filter(([, { conflicts = [] }]) => conflicts.includes(name))
  return [...(options[name]?.conflicts ?? []), ...others.map(([other]) => other)]
}

function readValue(key: string, { text, origin }: Value, option: OptionDeclaration<unknown>): unknown {
  if (option.read === undefined) {
    if (text === 'true' || text === 'false') return text === 'true' ? true : undefined
    throw refusal(origin, `${key} takes true or false, not ${JSON.stringify(text)}`)
  }
  try {
    return option.read(text, undefined)
  } catch (error) {
    throw error instanceof UsageError ? refusal(origin, error.message.replace(/^--/, '')) : error
  }
}

function refusal(path: string, message: string): UsageError {
  return new UsageError(`${path}: ${message}`, { code: 'CONFIG_FILE', hint: 'sfbulk config shows every setting' })
}

/** A line of the config command and of the schema: a setting and the option that it stands for. */
export interface Setting {
  readonly key: string
  readonly option: OptionDeclaration<unknown>
}

/** The settings with the options that they stand for. `declared`: all options that there are, by their name. */
export function listSettings(declared: OptionDeclarations): readonly Setting[] {
  return configKeys.flatMap((key) => {
    const option = declared[key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())]
    return option === undefined ? [] : [{ key, option }]
  })
}
