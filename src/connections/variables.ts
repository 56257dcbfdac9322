import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { loginVariables, type Value, type Values } from '../org/login-flows.ts'
import type { Environment } from '../org/settings.ts'
import { parseEnvFile } from './env-file.ts'

/** Variables of a connection that may stand in the `.env` file; the others there are none of ours. */
const variableNames = new Set([...loginVariables, 'SF_TARGET_ORG', 'SF_API_VERSION'])

/**
 * The variables of a connection from the environment and from the `.env` file of a folder. An empty variable of the
 * environment hides the one in the file and counts as not given. Throws `UsageError` for a file that cannot be read.
 */
export async function gatherVariables(environment: Environment, folder: string): Promise<Values> {
  const path = join(folder, '.env')
  const fromFile = await readEnvFile(path)
  const values = new Map<string, Value>()
  for (const name of variableNames) {
    const text = environment[name] ?? fromFile[name]
    if (text !== undefined && text !== '') {
      values.set(name, { text, origin: environment[name] === undefined ? path : 'environment' })
    }
  }
  return values
}

/** The variables of a connection in a text of the form of a `.env` file. `origin`: where the text stood. */
export function parseVariables(origin: string, text: string): Values {
  const found = Object.entries(parseEnvFile(origin, text, variableNames))
  const ours = found.filter(([name, value]) => variableNames.has(name) && value !== '')
  return new Map(ours.map(([name, value]) => [name, { text: value, origin }]))
}

async function readEnvFile(path: string): Promise<Readonly<Record<string, string>>> {
  try {
    return parseEnvFile(path, await readFile(path, 'utf8'), variableNames)
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error
    if ('code' in error && absent.has(String(error.code))) return {}
    throw new UsageError(`${path} cannot be read: ${error.message}`, { code: 'ENV_FILE', cause: error })
  }
}

/** A folder of that name is something else's: Python environments are often called so. */
const absent = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])
