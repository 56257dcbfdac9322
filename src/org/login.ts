import { PassThrough } from 'node:stream'
import type { Transport } from 'jsforce/lib/transport.js'
import { RunError } from '../errors.ts'
import { AnswerError } from './answer-error.ts'
import { type CallTools, call, readText } from './call.ts'
import { signAssertion } from './jwt-assertion.ts'
import { explainLoginRefusal, passwordExpired } from './login-error.ts'
import type { HostLogin } from './login-faults.ts'
import type { ClientCredentials, Login, RenewedSession } from './login-flows.ts'
import { type RetryTools, withRetries } from './retry.ts'
import type { Session } from './session.ts'
import { refuseCut } from './whole-answer.ts'
import { escapeXml, isTrue, readElement } from './xml-text.ts'

export interface LoginTools extends CallTools, RetryTools {
  /** Whether the login host has never answered yet. */
  readonly firstContact?: boolean | undefined
}

/** SOAP `login()` ends with API version 64.0, whatever version the rest uses. Source: SOAP API guide, "login()". */
const soapLoginVersion = '64.0'

/**
 * Logs in and returns the session. Throws `AuthError` with Salesforce's code when the login is refused, `NetworkError`
 * or `ApiError` when there is no answer or one of another kind.
 *
 * jsforce writes the requests for tokens and reads the answers. They travel by our own HTTP, so that a password does not follow a
 * redirect, and that a refusal is explained from its code and not from jsforce's text.
 */
export async function logIn(login: Login, tools: LoginTools): Promise<Session> {
  switch (login.flow) {
    case 'access-token':
      return { accessToken: login.accessToken, instanceUrl: login.instanceUrl }
    case 'salesforce-cli':
      return await login.ask()
    case 'soap':
      return await logInBySoap(login, tools)
    case 'refresh-token':
      return await login.tokens.exchange((token) => renewByToken(login, token, tools))
    case 'jwt': {
      const assertion = signAssertion(login, login.privateKey, tools.now())
      const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
      return (await requestToken({ ...login, clientSecret: '' }, grant, login, tools)).session
    }
    case 'oauth-password': {
      const { username, password, securityToken } = login
      const grant = { grant_type: 'password', username, password: password + securityToken }
      return (await requestToken(login, grant, login, tools)).session
    }
    case 'client-credentials':
      return (await requestToken(login, { grant_type: 'client_credentials' }, login, tools)).session
  }
}

type LoginBy<Name extends Login['flow']> = Extract<Login, { flow: Name }>

/** The new token is struck out of everything that is shown from here on, like the old one. */
async function renewByToken(
  login: LoginBy<'refresh-token'>,
  token: string,
  tools: LoginTools,
): Promise<RenewedSession> {
  tools.redactor.protect(token)
  const answer = await requestToken(login, { grant_type: 'refresh_token', refresh_token: token }, login, tools)
  return { session: answer.session, rotated: answer.refreshToken === token ? undefined : answer.refreshToken }
}

/** What a browser brought back, to be redeemed. */
export interface BrowserCode {
  readonly code: string
  /** Address to which the code was sent. */
  readonly redirectUri: string
  /** What the challenge of the authorize page was made of. RFC 7636. */
  readonly verifier: string
}

/** Redeems the code of the web server flow. Throws as `logIn` does. Source: Salesforce help, "OAuth 2.0 Web Server Flow". */
export async function redeemCode(
  client: ClientCredentials,
  { code, redirectUri, verifier }: BrowserCode,
  tools: LoginTools,
): Promise<Grant> {
  const grant = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  for (const secret of [client.clientSecret, code, verifier]) tools.redactor.protect(secret)
  return await requestToken(client, grant, { flow: 'web', ...client }, tools)
}

/** jsforce (3.10.16) finds no session in an answer whose elements have prefixes, so this one is written and read here. */
async function logInBySoap(login: LoginBy<'soap'>, tools: LoginTools): Promise<Session> {
  const { loginUrl, username, password, securityToken } = login
  const fields = { username, password: password + securityToken }
  const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`)
  const body =
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
    `<login xmlns="urn:partner.soap.sforce.com">${elements.join('')}</login></s:Body></s:Envelope>`
  const headers = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' }
  const url = new URL(`${loginUrl.replace(/\/+$/, '')}/services/Soap/u/${soapLoginVersion}`)
  const answer = await sendLogin({ url, headers, body }, login, tools)
  if (isTrue(readElement(answer, 'passwordExpired'))) throw passwordExpired(login)
  return sessionOf(loginUrl, readElement(answer, 'sessionId'), readElement(answer, 'serverUrl'))
}

/** What the token endpoint gives. */
export interface Grant {
  readonly session: Session
  readonly refreshToken: string | undefined
}

/** @param login for messages and refusals */
async function requestToken(
  { loginUrl, clientId, clientSecret }: ClientCredentials,
  parameters: { readonly grant_type: string; readonly [name: string]: string },
  login: HostLogin,
  tools: LoginTools,
): Promise<Grant> {
  const { OAuth2 } = await import('jsforce/lib/oauth2.js')
  const client = new OAuth2({ loginUrl, clientId, ...(clientSecret === '' ? {} : { clientSecret }) })
  client._transport = await loginTransport(login, tools)
  const answer = await understand(loginUrl, () => client.requestToken(parameters))
  const session = sessionOf(loginUrl, answer?.access_token, answer?.instance_url)
  const { refresh_token: refreshToken } = answer
  if (refreshToken !== undefined) tools.redactor.protect(refreshToken)
  return { session, refreshToken }
}

/** The way that jsforce's requests take. Only answers of success come back to jsforce. */
async function loginTransport(login: HostLogin, tools: LoginTools): Promise<Transport> {
  const { Transport } = await import('jsforce/lib/transport.js')
  const { StreamPromise } = await import('jsforce/lib/util/promise.js')

  return new (class extends Transport {
    override httpRequest(...[request]: Parameters<Transport['httpRequest']>): ReturnType<Transport['httpRequest']> {
      const { headers = {} } = request
      const answer = sendLogin({ url: new URL(request.url), headers, body: String(request.body) }, login, tools)
      const promise = answer.then((body) => ({ statusCode: 200, headers: {}, body }))
      return StreamPromise.create(() => ({ stream: new PassThrough(), promise }))
    }
  })()
}

interface LoginRequest {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The text of an answer of success. A login may be repeated, and a refused one is not: it could lock the user out. */
function sendLogin({ url, headers, body }: LoginRequest, login: HostLogin, tools: LoginTools): Promise<string> {
  return withRetries(
    async () => {
      try {
        const answer = await call({ method: 'POST', url, headers, body }, tools)
        const text = await readText(answer.body)
        refuseCut(text, answer.headers['content-type'] ?? '', url)
        return text
      } catch (error) {
        throw error instanceof AnswerError ? explainLoginRefusal(error, login, tools.now()) : error
      }
    },
    { repeatable: true, firstContact: tools.firstContact },
    tools,
  )
}

/** jsforce's own errors say that an answer of success had not the shape of one. */
async function understand<T>(loginUrl: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const isOwn = error instanceof Error && error.constructor === Error && !('code' in error)
    throw isOwn || error instanceof TypeError ? notSalesforce(loginUrl, error) : error
  }
}

function sessionOf(loginUrl: string, accessToken: unknown, instanceUrl: unknown): Session {
  if (typeof accessToken !== 'string' || accessToken === '') throw notSalesforce(loginUrl)
  if (typeof instanceUrl !== 'string' || !URL.canParse(instanceUrl)) throw notSalesforce(loginUrl)
  return { accessToken, instanceUrl: new URL(instanceUrl).origin }
}

function notSalesforce(loginUrl: string, cause?: unknown): RunError {
  return new RunError(`${new URL(loginUrl).host} answered the login with something that is not a session`, {
    code: 'LOGIN_ANSWER',
    hint: 'Check that SF_LOGIN_URL is the login host of Salesforce or your My Domain.',
    cause,
  })
}
