import { type Config, type ConfigKey, readConfig } from '../connections/config-file.ts'
import { gatherVariables } from '../connections/variables.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { secretVariables, type Value, type Values } from '../org/login-flows.ts'
import { renderSettings, type ShownSetting } from '../ui/settings.ts'
import type { CommandCall } from './command.ts'
import { type configOptions, configurableOptions } from './config.ts'
import { listSettings } from './config-defaults.ts'
import type { OptionValues } from './option.ts'

/** Shows the settings of the config files and the variables of a connection, each with its origin. */
export async function run({ options, io }: CommandCall<OptionValues<typeof configOptions>>): Promise<ExitCode> {
  const { environment, folder } = io
  const config = await readConfig(environment, folder)
  const variables = await gatherVariables(environment, folder)
  const settings = listSettings(configurableOptions).map(({ key, option }): ShownSetting => {
    const value = findValue(key, config, variables)
    return value === undefined
      ? { name: key, value: defaultIn(option.about), origin: 'default' }
      : { name: key, value: value.text, origin: value.origin }
  })
  const connection = [...variables]
    .filter(([name]) => !namedAsSettings.has(name))
    .map(([name, { text, origin }]) => ({ name, value: secretVariables.has(name) ? '***' : text, origin }))
  if (options.json) io.stdout.write(`${JSON.stringify({ settings, connection, files: config.files })}\n`)
  else for (const line of renderSettings({ settings, connection, files: config.files })) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}

/** Variables that stand for a setting. */
const variableOf: Readonly<Partial<Record<string, string>>> = {
  'target-org': 'SF_TARGET_ORG',
  'api-version': 'SF_API_VERSION',
}

const namedAsSettings = new Set(Object.values(variableOf))

function findValue(key: string, { values }: Config, variables: Values): Value | undefined {
  const name = variableOf[key]
  const variable = name === undefined ? undefined : variables.get(name)
  if (variable !== undefined) return { text: variable.text, origin: `${name} (${variable.origin})` }
  return values.get(key as ConfigKey)
}

/** The help says it behind `default:`. */
function defaultIn(about: string): string | null {
  return /default: ([^;(),]+)/.exec(about)?.[1]?.trim() ?? null
}
