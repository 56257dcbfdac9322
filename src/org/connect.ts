import { setTimeout as wait } from 'node:timers/promises'
import type { CallLimits } from './budget.ts'
import type { LogCall } from './call.ts'
import { type DescribeCache, describeFolder, openDescribeCache } from './describe-cache.ts'
import { refusePlainHttp } from './host-url.ts'
import { createHttpClient } from './http.ts'
import { logIn } from './login.ts'
import type { Login } from './login-flows.ts'
import type { NetworkSettings } from './network-settings.ts'
import type { Org } from './org.ts'
import { createRedactor } from './redact.ts'
import { createOrg, type OrgTools } from './request.ts'
import type { Session } from './session.ts'
import type { ConnectionSettings } from './settings.ts'
import { chooseApiVersion } from './versions.ts'

export interface ConnectOptions {
  /** For messages; default: the user name, or else the host of the instance. */
  readonly name?: string | undefined
  /** Told of each HTTP call, secrets struck out. */
  readonly log?: LogCall | undefined
  readonly callLimits?: CallLimits | undefined
  readonly describeCache?: CacheChoice | undefined
  /** See `HttpOptions`. */
  readonly readBytes?: number | undefined
}

/** Where descriptions are kept between runs. */
export interface CacheChoice {
  /** The program's folder. */
  readonly home: string
  /** Folder of this user's in this org; default: by host and user. */
  readonly folder?: string | undefined
  /** Whether what is kept is not read. */
  readonly fresh?: boolean | undefined
}

/**
 * Logs in and finds the API version. Throws `AuthError` when the login is refused, `NetworkError` (a `RunError`) when
 * the host is not reached, `UsageError` for a version that the org does not have.
 */
export async function connect(
  settings: ConnectionSettings,
  options: ConnectOptions = {},
  tools: OrgTools = createTools({
    log: options.log,
    network: settings.network,
    readBytes: options.readBytes,
  }),
): Promise<Org> {
  const { login } = settings
  for (const secret of secretsOf(login)) tools.redactor.protect(secret)
  const openSession = async (firstContact = false): Promise<Session> => {
    const session = await logIn(login, { ...tools, firstContact })
    tools.redactor.protect(session.accessToken)
    refusePlainHttp('The instance named by the login', new URL(session.instanceUrl))
    return session
  }
  try {
    options.log?.(`connecting by ${settings.origin}`)
    if (settings.closes !== undefined) options.log?.(`this login has an end: ${settings.closes}`)
    const session = await openSession(true)
    const apiVersion = await chooseApiVersion(session.instanceUrl, settings.apiVersion, tools)
    const username = 'username' in login ? login.username : undefined
    return createOrg(
      {
        name: options.name ?? username ?? new URL(session.instanceUrl).host,
        username,
        isProtected: settings.isProtected,
        apiVersion,
        session,
        callLimits: options.callLimits,
        describeCache: openCache(options.describeCache, session, login, { apiVersion, now: tools.now }),
        logIn: login.flow === 'access-token' ? undefined : () => openSession(),
      },
      tools,
    )
  } catch (error) {
    tools.http.close()
    throw error
  }
}

function openCache(
  choice: CacheChoice | undefined,
  { instanceUrl }: Session,
  login: Login,
  options: { readonly apiVersion: string; readonly now: () => number },
): DescribeCache | undefined {
  if (choice === undefined) return undefined
  const { host } = new URL(instanceUrl)
  const user = 'username' in login ? login.username : JSON.stringify(login)
  const { home, folder = describeFolder(home, host, [host, user]) } = choice
  const cache = openDescribeCache({ folder, ...options })
  return choice.fresh ? { ...cache, read: async () => undefined } : cache
}

interface ToolsOptions {
  readonly log: LogCall | undefined
  readonly network: NetworkSettings | undefined
  readonly readBytes?: number | undefined
}

/** Tools of the running program: real time, real chance, connections of its own. */
export function createTools({ log, network, readBytes }: ToolsOptions): OrgTools {
  return {
    http: createHttpClient({ network, readBytes }),
    redactor: createRedactor(),
    log,
    now: Date.now,
    random: Math.random,
    pause: async (milliseconds, signal) => {
      try {
        await wait(milliseconds, undefined, { signal })
      } catch (error) {
        throw signal?.aborted ? signal.reason : error
      }
    },
  }
}

function secretsOf(login: Login): string[] {
  const { accessToken, clientSecret, password, securityToken } = { ...noSecrets, ...login }
  return [accessToken, clientSecret, password, securityToken, password + securityToken]
}

/** Refresh tokens come later: the login protects each before it is used. */
const noSecrets = { accessToken: '', clientSecret: '', password: '', securityToken: '' }
