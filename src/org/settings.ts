import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { parseEnvFile } from './env-file.ts'
import { parseHostUrl } from './host-url.ts'

/** How to log in; one shape per flow. */
export type Login =
  | { readonly flow: 'access-token'; readonly accessToken: string; readonly instanceUrl: string }
  | ({ readonly flow: 'oauth-password' } & ClientCredentials & UserCredentials)
  | ({ readonly flow: 'client-credentials' } & ClientCredentials)
  | ({ readonly flow: 'soap' } & UserCredentials)

export interface UserCredentials {
  readonly loginUrl: string
  readonly username: string
  readonly password: string
  /** Sent behind the password; empty where the network is trusted by the org. */
  readonly securityToken: string
}

export interface ClientCredentials {
  readonly loginUrl: string
  readonly clientId: string
  readonly clientSecret: string
}

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
  const flow = chooseFlow(values)
  const names = [...flow.needs, ...flow.takes].filter((name) => values.has(name))
  const origin = `${flow.title}: ${names.map((name) => `${name} (${values.get(name)?.origin})`).join(', ')}`
  const login = flow.make((name) => values.get(name)?.text ?? '', readLoginUrl(values))
  return { kind: 'remote', login, apiVersion, origin }
}

interface Value {
  readonly text: string
  readonly origin: string
}

type Values = ReadonlyMap<string, Value>

interface Flow {
  readonly title: string
  readonly needs: readonly string[]
  /** Used when given. */
  readonly takes: readonly string[]
  /** The flow is another one when this is given. */
  readonly without?: string
  readonly make: (value: (name: string) => string, loginUrl: string) => Login
}

/** The first that is complete decides. */
const flows: readonly Flow[] = [
  {
    title: 'access token',
    needs: ['SF_ACCESS_TOKEN', 'SF_INSTANCE_URL'],
    takes: [],
    make: (value) => ({
      flow: 'access-token',
      accessToken: value('SF_ACCESS_TOKEN'),
      instanceUrl: new URL(parseHostUrl('SF_INSTANCE_URL', value('SF_INSTANCE_URL'))).origin,
    }),
  },
  {
    title: 'JWT bearer',
    needs: ['SF_JWT_KEY_FILE', 'SF_CLIENT_ID', 'SF_USERNAME'],
    takes: ['SF_LOGIN_URL'],
    make: () => {
      throw notOffered('JWT bearer', 'SF_JWT_KEY_FILE')
    },
  },
  {
    title: 'refresh token',
    needs: ['SF_REFRESH_TOKEN', 'SF_CLIENT_ID'],
    takes: ['SF_CLIENT_SECRET', 'SF_LOGIN_URL'],
    make: () => {
      throw notOffered('refresh token', 'SF_REFRESH_TOKEN')
    },
  },
  {
    title: 'OAuth username-password',
    needs: ['SF_CLIENT_ID', 'SF_CLIENT_SECRET', 'SF_USERNAME', 'SF_PASSWORD'],
    takes: ['SF_SECURITY_TOKEN', 'SF_LOGIN_URL'],
    make: (value, loginUrl) => ({
      flow: 'oauth-password',
      loginUrl,
      clientId: value('SF_CLIENT_ID'),
      clientSecret: value('SF_CLIENT_SECRET'),
      username: value('SF_USERNAME'),
      password: value('SF_PASSWORD'),
      securityToken: value('SF_SECURITY_TOKEN'),
    }),
  },
  {
    title: 'client credentials',
    needs: ['SF_CLIENT_ID', 'SF_CLIENT_SECRET'],
    takes: ['SF_LOGIN_URL'],
    without: 'SF_USERNAME',
    make: (value, loginUrl) => ({
      flow: 'client-credentials',
      loginUrl,
      clientId: value('SF_CLIENT_ID'),
      clientSecret: value('SF_CLIENT_SECRET'),
    }),
  },
  {
    title: 'SOAP login',
    needs: ['SF_USERNAME', 'SF_PASSWORD'],
    takes: ['SF_SECURITY_TOKEN', 'SF_LOGIN_URL'],
    make: (value, loginUrl) => ({
      flow: 'soap',
      loginUrl,
      username: value('SF_USERNAME'),
      password: value('SF_PASSWORD'),
      securityToken: value('SF_SECURITY_TOKEN'),
    }),
  },
]

/** Variables of a connection that may stand in the `.env` file; the others there are none of ours. */
const variableNames = new Set([
  ...flows.flatMap(({ needs, takes }) => [...needs, ...takes]),
  'SF_TARGET_ORG',
  'SF_API_VERSION',
])

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
    if ('code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {}
    throw new UsageError(`${path} cannot be read: ${error.message}`, { code: 'ENV_FILE', cause: error })
  }
}

function chooseFlow(values: Values): Flow {
  const isFree = ({ without }: Flow) => without === undefined || !values.has(without)
  const complete = flows.find((flow) => isFree(flow) && flow.needs.every((name) => values.has(name)))
  if (complete !== undefined) return complete

  const missing = (flow: Flow) => flow.needs.filter((name) => !values.has(name))
  const begun = flows.filter((flow) => isFree(flow) && beginnings(flow).some((name) => values.has(name)))
  const least = Math.min(...begun.map((flow) => missing(flow).length))
  const nearest = begun.filter((flow) => missing(flow).length === least)
  if (nearest.length === 0) throw noOrg()
  const given = [...new Set(nearest.flatMap(beginnings))].filter((name) => values.has(name))
  const ways = nearest.map((flow) => `${missing(flow).join(' and ')} (${flow.title})`)
  throw new UsageError(
    `${given.join(' and ')} ${given.length === 1 ? 'is' : 'are'} set, but not ${ways.join(', nor ')}`,
    {
      code: 'CONNECTION_INCOMPLETE',
      hint: 'Set it in the environment or in a .env file in the current folder, or use `--target-org local`.',
    },
  )
}

/** Variables that show that the flow was meant; a login host alone does not. */
function beginnings({ needs, takes }: Flow): string[] {
  return [...needs, ...takes].filter((name) => name !== 'SF_LOGIN_URL')
}

function readLoginUrl(values: Values): string {
  return parseHostUrl('SF_LOGIN_URL', values.get('SF_LOGIN_URL')?.text ?? 'https://login.salesforce.com')
}

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

function notOffered(title: string, variable: string): UsageError {
  return new UsageError(`${variable} is set, but login by ${title} is not offered by this version of sfbulk`, {
    code: 'FLOW_NOT_OFFERED',
    hint: `Unset ${variable}, and give SF_ACCESS_TOKEN and SF_INSTANCE_URL, or one of the other logins.`,
  })
}

function unknownAlias(alias: string): UsageError {
  return new UsageError(`No connection is named ${JSON.stringify(alias)}`, {
    code: 'UNKNOWN_ORG',
    hint: 'Use `local` for the built-in org, or leave --target-org and SF_TARGET_ORG out to connect by the SF_… variables.',
  })
}

function noOrg(): UsageError {
  return new UsageError('No org is named', {
    code: 'NO_ORG',
    hint: [
      'Use `--target-org local` for the built-in org, or set in the environment or a .env file one of:',
      ...flows.filter(isOffered).map(({ title, needs }) => `  ${needs.join(' ')} (${title})`),
    ].join('\n'),
  })
}

function isOffered({ title }: Flow): boolean {
  return title !== 'JWT bearer' && title !== 'refresh token'
}
