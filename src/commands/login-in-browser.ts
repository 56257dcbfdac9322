import { type NamedLogin, settleLogin } from '../connections/read-settings.ts'
import { logInInBrowser, type WebLogin } from '../connections/web-login.ts'
import { UsageError } from '../errors.ts'
import { createTools } from '../org/connect.ts'
import { parseHostUrl } from '../org/host-url.ts'
import { productionLoginUrl, type Value, type Values } from '../org/login-flows.ts'
import { readNetworkSettings } from '../org/network-settings.ts'
import type { LoginCall } from './run-login.ts'
import { logTo } from './with-org.ts'

/** By an option, or on a terminal where no variable says otherwise. */
export function wantsBrowser(values: Values, { options, io }: LoginCall): boolean {
  if (options.web === true || options.browser === false) return true
  const saysOtherwise = [...values.keys()].some((name) => !ofBrowser.has(name))
  return !saysOtherwise && (options.clientId !== undefined || io.stderr.isTTY === true)
}

/** Variables that a login in the browser uses, or that do not say how to log in. */
const ofBrowser = new Set(['SF_CLIENT_ID', 'SF_LOGIN_URL', 'SF_TARGET_ORG', 'SF_API_VERSION'])

const defaultPort = 1717

/** What `logout` knows the login by. */
export const browserTitle = 'browser'

/** Lets the user log in in a browser; the connection is that of the refresh token that comes of it. */
export async function browserLogin(values: Values, call: LoginCall): Promise<NamedLogin> {
  const { options, io, signal } = call
  const port = options.callbackPort ?? defaultPort
  const clientId = values.get('SF_CLIENT_ID')?.text
  if (clientId === undefined) throw noClient(port)
  const client = {
    loginUrl: parseHostUrl('--instance-url', values.get('SF_LOGIN_URL')?.text ?? productionLoginUrl),
    clientId,
    clientSecret: values.get('SF_CLIENT_SECRET')?.text ?? '',
  }
  const login: WebLogin = { ...client, port, signal, show: (page) => showPage(page, call) }
  const tools = createTools({
    log: logTo(io, options.verbose),
    network: readNetworkSettings(io.environment),
  })
  try {
    const { session, refreshToken } = await logInInBrowser(login, tools)
    const kept: Record<string, string> =
      refreshToken === undefined
        ? { SF_ACCESS_TOKEN: session.accessToken, SF_INSTANCE_URL: session.instanceUrl }
        : {
            SF_REFRESH_TOKEN: refreshToken,
            SF_CLIENT_ID: clientId,
            ...(client.clientSecret === '' ? {} : { SF_CLIENT_SECRET: client.clientSecret }),
            SF_LOGIN_URL: client.loginUrl,
          }
    const found = Object.entries(kept).map(([name, text]): [string, Value] => [name, { text, origin: 'browser' }])
    if (refreshToken === undefined)
      io.stderr.write('the app gives no refresh token: allow it the scope refresh_token\n')
    return { ...settleLogin(new Map(found), io), title: browserTitle }
  } finally {
    tools.http.close()
  }
}

async function showPage(page: string, { options, io }: LoginCall): Promise<void> {
  io.stderr.write(`log in here: ${page}\n`)
  if (options.browser === false) return
  const { default: open } = await import('open')
  const browser = await open(page)
  // A machine without a browser has said enough by the line above.
  browser.on('error', () => undefined)
}

function noClient(port: number): UsageError {
  return new UsageError('A login in the browser needs an app of the org: its consumer key is missing', {
    code: 'CLIENT_ID',
    hint: [
      'Set SF_CLIENT_ID or add --client-id. An administrator makes an External Client App in Setup with the callback',
      ` URL http://localhost:${port}/OauthRedirect, the scopes api and refresh_token, and PKCE.`,
      'A login of the Salesforce CLI needs none: -o <its alias>',
    ].join('\n'),
  })
}
