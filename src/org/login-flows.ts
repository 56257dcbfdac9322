import { UsageError } from '../errors.ts'
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

/** A variable that is given, and where. */
export interface Value {
  readonly text: string
  readonly origin: string
}

export type Values = ReadonlyMap<string, Value>

/** One way to log in, as a row of the table below. */
interface Flow {
  readonly title: string
  readonly needs: readonly string[]
  /** Used when given. */
  readonly takes: readonly string[]
  /** The flow is another one when this is given. */
  readonly without?: string
  /** Undefined for a flow that is known but cannot be used. */
  readonly make: ((value: (name: string) => string, loginUrl: () => string) => Login) | undefined
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
    make: undefined,
  },
  {
    title: 'refresh token',
    needs: ['SF_REFRESH_TOKEN', 'SF_CLIENT_ID'],
    takes: ['SF_CLIENT_SECRET', 'SF_LOGIN_URL'],
    make: undefined,
  },
  {
    title: 'OAuth username-password',
    needs: ['SF_CLIENT_ID', 'SF_CLIENT_SECRET', 'SF_USERNAME', 'SF_PASSWORD'],
    takes: ['SF_SECURITY_TOKEN', 'SF_LOGIN_URL'],
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

/** The login that the variables describe, and its name with where each value comes from. Throws `UsageError` naming what is missing. */
export function chooseLogin(values: Values): { readonly login: Login; readonly origin: string } {
  const flow = chooseFlow(values)
  if (flow.make === undefined) throw notOffered(flow)
  const names = [...flow.needs, ...flow.takes].filter((name) => values.has(name))
  const origin = `${flow.title}: ${names.map((name) => `${name} (${values.get(name)?.origin})`).join(', ')}`
  const login = flow.make(
    (name) => values.get(name)?.text ?? '',
    () => parseHostUrl('SF_LOGIN_URL', values.get('SF_LOGIN_URL')?.text ?? 'https://login.salesforce.com'),
  )
  return { login, origin }
}

function chooseFlow(values: Values): Flow {
  const possible = flows.filter(({ without }) => without === undefined || !values.has(without))
  const complete = possible.find(({ needs }) => needs.every((name) => values.has(name)))
  if (complete !== undefined) return complete
  const begun = possible.filter((flow) => flow.make !== undefined && beginnings(flow, values).length > 0)
  if (begun.length > 0) throw halfGiven(begun, values)
  const unusable = flows.find(({ needs: [first = ''] }) => values.has(first))
  if (unusable !== undefined) return unusable
  throw noOrg()
}

/** The given variables that show that the flow was meant; a login host alone does not. */
function beginnings({ needs, takes }: Flow, values: Values): string[] {
  return [...needs, ...takes].filter((name) => name !== 'SF_LOGIN_URL' && values.has(name))
}

/** Names what the flows lack that lack least. */
function halfGiven(begun: readonly Flow[], values: Values): UsageError {
  const lacks = begun.map((flow) => ({ flow, missing: flow.needs.filter((name) => !values.has(name)) }))
  const least = Math.min(...lacks.map(({ missing }) => missing.length))
  const nearest = lacks.filter(({ missing }) => missing.length === least)
  const ways = new Map(nearest.toReversed().map(({ flow, missing }) => [missing.join(' and '), flow.title]))
  const given = new Set(nearest.flatMap(({ flow }) => beginnings(flow, values)))
  const texts = [...ways].toReversed().map(([missing, title]) => `${missing} (${title})`)
  return new UsageError(`The connection lacks ${texts.join(' or ')}; given: ${[...given].join(', ')}`, {
    code: 'CONNECTION_INCOMPLETE',
    hint: 'Set it in the environment or in a .env file in the current folder, or use `--target-org local`.',
  })
}

function notOffered({ title, needs: [variable] }: Flow): UsageError {
  return new UsageError(`${variable} is set, but login by ${title} is not offered by this version of sfbulk`, {
    code: 'FLOW_NOT_OFFERED',
    hint: `Unset ${variable}, and give SF_ACCESS_TOKEN and SF_INSTANCE_URL, or one of the other logins.`,
  })
}

function noOrg(): UsageError {
  const offered = flows.filter(({ make }) => make !== undefined)
  return new UsageError('No org is named', {
    code: 'NO_ORG',
    hint: [
      'Use `--target-org local` for the built-in org, or set in the environment or a .env file one of:',
      ...offered.map(({ title, needs }) => `  ${needs.join(' ')} (${title})`),
    ].join('\n'),
  })
}
