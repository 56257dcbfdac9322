import type { KeyObject } from 'node:crypto'
import { UsageError } from '../errors.ts'
import { parseAuthUrl } from './auth-url.ts'
import { parseHostUrl } from './host-url.ts'
import type { Session } from './session.ts'

/** How to log in; one shape per flow. */
export type Login =
  | { readonly flow: 'access-token'; readonly accessToken: string; readonly instanceUrl: string }
  | ({ readonly flow: 'jwt'; readonly username: string; readonly privateKey: KeyObject } & Client)
  | ({ readonly flow: 'refresh-token'; readonly tokens: RefreshTokens } & ClientCredentials)
  | ({ readonly flow: 'oauth-password' } & ClientCredentials & UserCredentials)
  | ({ readonly flow: 'client-credentials' } & ClientCredentials)
  | ({ readonly flow: 'soap' } & UserCredentials)
  | {
      readonly flow: 'salesforce-cli'
      /** Empty for the default org of the Salesforce CLI. */
      readonly alias: string
      /** Asks the Salesforce CLI, which renews the session before it answers. */
      readonly ask: () => Promise<Session>
    }

export interface UserCredentials {
  readonly loginUrl: string
  readonly username: string
  readonly password: string
  /** Sent behind the password; empty where the network is trusted by the org. */
  readonly securityToken: string
}

export interface Client {
  readonly loginUrl: string
  readonly clientId: string
}

export interface ClientCredentials extends Client {
  /** Empty for an app that asks for none. */
  readonly clientSecret: string
}

/** Where a refresh token is kept. */
export interface RefreshTokens {
  /**
   * Gives the newest token to `use`, to one process at a time. A token that came in its place is kept before the
   * session is handed out: the old one is dead by then, and using it again would end all that came after it.
   */
  exchange(use: (refreshToken: string) => Promise<RenewedSession>): Promise<Session>
}

export interface RenewedSession {
  readonly session: Session
  /** The token that replaces the one used, if the app rotates its tokens. */
  readonly rotated: string | undefined
}

/** A variable that is given, and where. */
export interface Value {
  readonly text: string
  readonly origin: string
}

export type Values = ReadonlyMap<string, Value>

/** What a flow needs besides its variables. */
export interface FlowTools {
  /** Reads the private key of a JWT. Throws `UsageError` for a file that holds none. */
  readonly readKey: (path: string) => KeyObject
  readonly keepTokens: (refreshToken: string) => RefreshTokens
}

/** A login, ready to be used, and what is said of it. */
export interface ChosenLogin {
  readonly login: Login
  /** The flow's name in words. */
  readonly title: string
  /** Variables that make it up, each with its origin. */
  readonly values: Values
  /** Until when Salesforce serves the flow; undefined for one that stays. */
  readonly closes: string | undefined
}

/** One way to log in, as a row of the table below. */
interface Flow {
  readonly title: string
  readonly needs: readonly string[]
  /** Used when given. */
  readonly takes: readonly string[]
  /** The flow is another one when this is given. */
  readonly without?: string
  readonly closes?: string
  readonly make: (value: (name: string) => string, loginUrl: () => string, tools: FlowTools) => Login
}

/** The first that is complete decides. Dates: Salesforce help 005132110 (SOAP login), 000886201 (username-password). */
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
    make: (value, loginUrl, { readKey }) => ({
      flow: 'jwt',
      loginUrl: loginUrl(),
      clientId: value('SF_CLIENT_ID'),
      username: value('SF_USERNAME'),
      privateKey: readKey(value('SF_JWT_KEY_FILE')),
    }),
  },
  {
    title: 'refresh token',
    needs: ['SF_REFRESH_TOKEN', 'SF_CLIENT_ID'],
    takes: ['SF_CLIENT_SECRET', 'SF_LOGIN_URL'],
    make: (value, loginUrl, { keepTokens }) => ({
      flow: 'refresh-token',
      loginUrl: loginUrl(),
      clientId: value('SF_CLIENT_ID'),
      clientSecret: value('SF_CLIENT_SECRET'),
      tokens: keepTokens(value('SF_REFRESH_TOKEN')),
    }),
  },
  {
    title: 'SFDX auth URL',
    needs: ['SFDX_AUTH_URL'],
    takes: [],
    make: (value, _, { keepTokens }) => {
      const { refreshToken, ...client } = parseAuthUrl(value('SFDX_AUTH_URL'))
      return { flow: 'refresh-token', ...client, tokens: keepTokens(refreshToken) }
    },
  },
  {
    title: 'OAuth username-password',
    needs: ['SF_CLIENT_ID', 'SF_CLIENT_SECRET', 'SF_USERNAME', 'SF_PASSWORD'],
    takes: ['SF_SECURITY_TOKEN', 'SF_LOGIN_URL'],
    closes: 'Salesforce has it off in new orgs and closes it for all about 20 February 2027 (Spring ’27)',
    make: (value, loginUrl) => ({
      flow: 'oauth-password',
      loginUrl: loginUrl(),
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
      loginUrl: loginUrl(),
      clientId: value('SF_CLIENT_ID'),
      clientSecret: value('SF_CLIENT_SECRET'),
    }),
  },
  {
    title: 'SOAP login',
    needs: ['SF_USERNAME', 'SF_PASSWORD'],
    takes: ['SF_SECURITY_TOKEN', 'SF_LOGIN_URL'],
    closes: 'Salesforce serves it until Summer ’27 (about 1 June 2027), and has it off in new orgs',
    make: (value, loginUrl) => ({
      flow: 'soap',
      loginUrl: loginUrl(),
      username: value('SF_USERNAME'),
      password: value('SF_PASSWORD'),
      securityToken: value('SF_SECURITY_TOKEN'),
    }),
  },
]

/** Variables that say how to log in. */
export const loginVariables: readonly string[] = [...new Set(flows.flatMap(({ needs, takes }) => [...needs, ...takes]))]

/** Those that hold a secret. */
export const secretVariables: ReadonlySet<string> = new Set([
  'SF_ACCESS_TOKEN',
  'SF_REFRESH_TOKEN',
  'SFDX_AUTH_URL',
  'SF_CLIENT_SECRET',
  'SF_PASSWORD',
  'SF_SECURITY_TOKEN',
])

export const productionLoginUrl = 'https://login.salesforce.com'

/** The login that the variables describe. Throws `UsageError` naming what is missing, or when there is nothing at all. */
export function chooseLogin(values: Values, tools: FlowTools): ChosenLogin {
  const flow = chooseFlow(values)
  const names = [...flow.needs, ...flow.takes].filter((name) => values.has(name))
  const login = flow.make(
    (name) => values.get(name)?.text ?? '',
    () => parseHostUrl('SF_LOGIN_URL', values.get('SF_LOGIN_URL')?.text ?? productionLoginUrl),
    tools,
  )
  const used = new Map(names.flatMap((name) => [[name, values.get(name)] as const]).filter(isGiven))
  return { login, title: flow.title, values: used, closes: flow.closes }
}

/** Whether any variable says how to log in; a login host alone does not. */
export function hasLogin(values: Values): boolean {
  return flows.some((flow) => beginnings(flow, values).length > 0)
}

function isGiven(entry: readonly [string, Value | undefined]): entry is readonly [string, Value] {
  return entry[1] !== undefined
}

function chooseFlow(values: Values): Flow {
  const complete = findComplete(values)
  if (complete !== undefined) return complete
  const begun = possibleFlows(values).filter((flow) => beginnings(flow, values).length > 0)
  if (begun.length > 0) throw halfGiven(begun, values)
  throw noOrg()
}

function findComplete(values: Values): Flow | undefined {
  return possibleFlows(values).find(({ needs }) => needs.every((name) => values.has(name)))
}

function possibleFlows(values: Values): readonly Flow[] {
  return flows.filter(({ without }) => without === undefined || !values.has(without))
}

/** The given variables that show that the flow was meant. */
function beginnings({ needs, takes }: Flow, values: Values): string[] {
  return [...needs, ...takes].filter((name) => name !== 'SF_LOGIN_URL' && values.has(name))
}

/** Names what is missing of the flows that lack least, and of these of the ones of which most is given. */
function halfGiven(begun: readonly Flow[], values: Values): UsageError {
  const lacks = begun.map((flow) => {
    const missing = flow.needs.filter((name) => !values.has(name))
    return { flow, missing, given: beginnings(flow, values) }
  })
  const least = Math.min(...lacks.map(({ missing }) => missing.length))
  const nearest = lacks.filter(({ missing }) => missing.length === least)
  const most = Math.max(...nearest.map(({ given }) => given.length))
  const meant = nearest.filter(({ given }) => given.length === most)
  const ways = new Map(meant.toReversed().map(({ flow, missing }) => [missing.join(' and '), flow.title]))
  const given = new Set(meant.flatMap(({ given: names }) => names))
  const texts = [...ways].toReversed().map(([missing, title]) => `${missing} (${title})`)
  return new UsageError(`The connection lacks ${texts.join(' or ')}; given: ${[...given].join(', ')}`, {
    code: 'CONNECTION_INCOMPLETE',
    hint: 'Set it in the environment or in a .env file in the current folder, or use `--target-org local`.',
  })
}

function noOrg(): UsageError {
  return new UsageError('No org is named', {
    code: 'NO_ORG',
    hint: [
      'Use `--target-org local` for the built-in org, `-o <alias>` for a connection saved by `sfbulk login`',
      ' or a login of the Salesforce CLI, `-o sf:` for its default org;',
      'or set in the environment or a .env file one of:',
      ...flows.map(({ title, needs }) => `  ${needs.join(' ')} (${title})`),
    ].join('\n'),
  })
}
