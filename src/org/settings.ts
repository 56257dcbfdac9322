import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { parseEnvFile } from './env-file.ts'
import { chooseLogin, type Login, loginVariables, type Value, type Values } from './login-flows.ts'

/** The org that a command works on. */
export type TargetOrg =
  | { readonly kind: 'local'; readonly apiVersion: string | undefined; readonly origin: string }
  | ({ readonly kind: 'remote' } & ConnectionSettings)

export interface ConnectionSettings {
  readonly login: Login
  /** `60.0`, as asked for. */
  readonly apiVersion: string | undefined
  /** For `-v`: which flow, and where each value comes from. Names only, never values. */
  readonly origin: string
}

/** What the command line may say about the connection. */
export interface ConnectionFlags {
  readonly targetOrg?: string | undefined
  readonly apiVersion?: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Brings together flags, environment and the `.env` file of a folder, in this order. Throws `UsageError` when no org is
 * named, when a connection is half given (naming what is missing), and for plain http to another machine.
 */
export async function readSettings(
  flags: ConnectionFlags,
  environment: Environment,
  folder: string,
): Promise<TargetOrg> {
  const values = await gatherValues(environment, folder)
  const apiVersion = readApiVersion(flags.apiVersion ?? values.get('SF_API_VERSION')?.text)
  const target = flags.targetOrg ?? values.get('SF_TARGET_ORG')?.text
  if (target === 'local') {
    const origin =
      flags.targetOrg === undefined ? `SF_TARGET_ORG (${values.get('SF_TARGET_ORG')?.origin})` : '--target-org'
    return { kind: 'local', apiVersion, origin: `local org, by ${origin}` }
  }
  if (target !== undefined) throw unknownAlias(target)
  return { kind: 'remote', apiVersion, ...chooseLogin(values) }
}

/** Variables of a connection that may stand in the `.env` file; the others there are none of ours. */
const variableNames = new Set([...loginVariables, 'SF_TARGET_ORG', 'SF_API_VERSION'])

/** An empty variable of the environment hides the one in the file and counts as not given. */
async function gatherValues(environment: Environment, folder: string): Promise<Values> {
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

/** `60`, `60.0` and `v60.0` are one version. */
function readApiVersion(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const number = /^v?(\d{1,3})(?:\.0)?$/i.exec(text.trim())?.[1]
  if (number !== undefined) return `${Number(number)}.0`
  throw new UsageError(`${JSON.stringify(text)} is no API version`, {
    code: 'API_VERSION',
    hint: 'Write it as --api-version 66.0 or SF_API_VERSION=66.0.',
  })
}

function unknownAlias(alias: string): UsageError {
  return new UsageError(`No connection is named ${JSON.stringify(alias)}`, {
    code: 'UNKNOWN_ORG',
    hint: 'Use `local` for the built-in org, or leave --target-org and SF_TARGET_ORG out to connect by the SF_… variables.',
  })
}

/**
 * Folder of run records, saved connections and the local org: `SFBULK_HOME`, or the platform's own place for the state
 * of programs. It is made, for its owner alone. Throws `UsageError` when that is not possible.
 */
export function sfbulkHome(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const folder = resolve(environment.SFBULK_HOME || join(stateFolder(environment, platform), 'sfbulk'))
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return folder
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`The folder for run records cannot be made: ${reason}`, {
      code: 'HOME',
      hint: 'Name another one: SFBULK_HOME=/path/to/folder',
      cause: error,
    })
  }
}

function stateFolder(environment: Environment, platform: NodeJS.Platform): string {
  const home = environment.HOME || homedir()
  if (platform === 'win32') return environment.LOCALAPPDATA || join(home, 'AppData', 'Local')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support')
  return environment.XDG_STATE_HOME || join(home, '.local', 'state')
}
