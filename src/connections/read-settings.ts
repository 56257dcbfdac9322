import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { parsePrivateKey } from '../org/jwt-assertion.ts'
import { chooseLogin, hasLogin, type Value, type Values } from '../org/login-flows.ts'
import { readNetworkSettings } from '../org/network-settings.ts'
import { type ConnectionSettings, type Environment, sfbulkHome } from '../org/settings.ts'
import { type Config, readConfig } from './config-file.ts'
import { type ConnectionStore, openConnectionStore } from './connection-store.ts'
import { openKeychain } from './keychain.ts'
import { keepRefreshTokens } from './refresh-tokens.ts'
import { askSalesforceCli, isCliName } from './salesforce-cli.ts'
import { unknownAlias } from './unknown-alias.ts'
import { gatherVariables } from './variables.ts'

/** The org that a command works on. */
export type TargetOrg =
  | { readonly kind: 'local'; readonly apiVersion: string | undefined; readonly origin: string }
  | ({ readonly kind: 'remote' } & RemoteSettings)

export interface RemoteSettings extends ConnectionSettings {
  /** The alias by which the org was named; undefined for a login of the environment. */
  readonly name: string | undefined
  /** The flow's name in words. */
  readonly title: string
  /** Variables that make up the login, each with its origin; never to be shown with their texts. */
  readonly values: Values
}

/** What the command line may say about the connection. */
export interface ConnectionFlags {
  readonly targetOrg?: string | undefined
  readonly apiVersion?: string | undefined
}

/** Where settings come from besides the command line. */
export interface SettingsPlace {
  readonly environment: Environment
  /** The current folder. */
  readonly folder: string
  /** Takes the lines of `--verbose`. */
  readonly log?: ((line: string) => void) | undefined
}

/**
 * Brings together flags, environment, the `.env` file of a folder and the config files, in this order. Throws `UsageError` when no org is
 * named, when a connection is half given (naming what is missing), for an alias that nobody saved, and for plain http to
 * another machine. A login of the Salesforce CLI is looked for only when it is used.
 */
export async function readSettings(flags: ConnectionFlags, place: SettingsPlace): Promise<TargetOrg> {
  const { environment, folder } = place
  const values = await gatherVariables(environment, folder)
  const config = await readConfig(environment, folder)
  const apiVersion = readApiVersion(
    flags.apiVersion ?? values.get('SF_API_VERSION')?.text ?? config.values.get('api-version')?.text,
  )
  const target = findTarget(flags, values, config)
  if (target === undefined) {
    return { kind: 'remote', apiVersion, name: undefined, ...settleLogin(values, place) }
  }
  if (target.text === 'local') return { kind: 'local', apiVersion, origin: `local org, by ${target.origin}` }
  return { kind: 'remote', apiVersion, name: target.text, ...(await findLogin(target.text, place)) }
}

/** The org that is named, and by what. A login of the environment goes before the name in a config file. */
function findTarget({ targetOrg }: ConnectionFlags, values: Values, config: Config): Value | undefined {
  if (targetOrg !== undefined) return { text: targetOrg, origin: '--target-org' }
  const variable = values.get('SF_TARGET_ORG')
  if (variable !== undefined) return { ...variable, origin: `SF_TARGET_ORG (${variable.origin})` }
  return hasLogin(values) ? undefined : config.values.get('target-org')
}

/** A login as it was found. */
export type NamedLogin = Omit<RemoteSettings, 'apiVersion' | 'name'>

async function findLogin(alias: string, place: SettingsPlace): Promise<NamedLogin> {
  const store = savedConnections(place.environment)
  const { connections } = await store.read()
  const saved = Object.hasOwn(connections, alias) ? connections[alias] : undefined
  if (saved !== undefined) {
    const origin = `saved as ${alias}`
    const variables = { ...saved.variables, ...(await store.secretsOf(alias, saved)) }
    const values = new Map(Object.entries(variables).map(([name, text]) => [name, { text, origin }]))
    return { ...settleLogin(values, place), isProtected: saved.protected }
  }
  const name = alias.startsWith('sf:') ? alias.slice(3) : alias
  const unknown = (refusal?: UsageError) => unknownAlias(alias, Object.keys(connections), refusal)
  if (name !== '' && !isCliName(name)) throw unknown()
  const title = 'a login of the Salesforce CLI'
  return {
    login: {
      flow: 'salesforce-cli',
      alias: name,
      ask: () =>
        askSalesforceCli(name, place).catch((error: unknown) => {
          const isUnknown = error instanceof UsageError && name === alias
          throw isUnknown ? unknown(error) : error
        }),
    },
    title,
    network: readNetworkSettings(place.environment),
    origin: `${title}: ${name === '' ? 'its default org' : name}`,
    values: new Map(),
  }
}

/** The connections that this user has saved. */
export function savedConnections(environment: Environment): ConnectionStore {
  return openConnectionStore(sfbulkHome(environment), openKeychain(environment))
}

/** The login that the variables describe. Throws what `chooseLogin` throws. */
export function settleLogin(values: Values, { environment, folder }: SettingsPlace): NamedLogin {
  const chosen = chooseLogin(values, {
    readKey: (path) => readKey(path, resolve(folder, path)),
    keepTokens: (token) => keepRefreshTokens(savedConnections(environment), token),
  })
  const origins = [...chosen.values].map(([name, { origin }]) => `${name} (${origin})`)
  return { ...chosen, network: readNetworkSettings(environment), origin: `${chosen.title}: ${origins.join(', ')}` }
}

function readKey(given: string, path: string) {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`SF_JWT_KEY_FILE: ${given} cannot be read`, {
      code: 'JWT_KEY',
      hint: `Check the path and the permissions: ${path}`,
      cause,
    })
  }
  return parsePrivateKey(given, text)
}

/** `60`, `60.0` and `v60.0` are one version. */
export function readApiVersion(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const number = /^v?(\d{1,3})(?:\.0)?$/i.exec(text.trim())?.[1]
  if (number !== undefined) return `${Number(number)}.0`
  throw new UsageError(`${JSON.stringify(text)} is no API version`, {
    code: 'API_VERSION',
    hint: 'Write it as --api-version 66.0, SF_API_VERSION=66.0, or api-version: 66.0 in sfbulk.config.yaml.',
  })
}
