import { createHash, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { AuthError, UsageError } from '../errors.ts'
import { type Grant, type LoginTools, redeemCode } from '../org/login.ts'
import { explainBrowserRefusal } from '../org/login-error.ts'
import type { ClientCredentials } from '../org/login-flows.ts'

export interface WebLogin extends ClientCredentials {
  /** Of the callback address, which must stand in the app as it is. */
  readonly port: number
  /** Shows the page: opens a browser, or prints the address. It holds no secret. */
  readonly show: (page: string) => Promise<void>
  readonly signal: AbortSignal
}

/**
 * Lets a person log in and allow the app in a browser: web server flow with PKCE. The answer comes to a port of this machine,
 * and is taken only with the state that was sent along. Throws `AuthError` when the person or the org refuses, or nobody
 * answers within ten minutes; `UsageError` for a port that is taken; the signal's reason.
 * Sources: Salesforce help, "OAuth 2.0 Web Server Flow"; RFC 7636; RFC 8252, 7.3.
 */
export async function logInInBrowser(login: WebLogin, tools: LoginTools): Promise<Grant> {
  const redirectUri = `http://localhost:${login.port}/OauthRedirect`
  const verifier = randomBytes(64).toString('base64url')
  const state = randomBytes(32).toString('base64url')
  const page = new URL(`${login.loginUrl}/services/oauth2/authorize`)
  page.search = new URLSearchParams({
    response_type: 'code',
    client_id: login.clientId,
    redirect_uri: redirectUri,
    scope: 'api refresh_token',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'login',
  }).toString()

  const server = createServer()
  await listen(server, login.port)
  try {
    const answer = receiveAnswer(server, state, login.signal)
    // Whoever waits for the answer hears of its failure; a page that cannot be shown must not leave it unheard.
    answer.catch(() => undefined)
    await login.show(page.href)
    const parameters = await answer
    const code = parameters.get('code')
    if (code === null) throw explainBrowserRefusal(login, parameters)
    return await redeemCode(login, { code, redirectUri, verifier }, tools)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** Browsers ask one of the two addresses that `localhost` stands for, or both. */
async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new UsageError(`port ${port}, to which the browser comes back, cannot be used: ${error.code}`, {
          code: 'PORT_TAKEN',
          hint: 'end the other login that waits there, or enter another callback URL in the app and name its port: --callback-port <n>',
          cause: error,
        }),
      )
    })
    server.listen(port, 'localhost', resolve)
  })
}

const longestWait = 10 * 60_000

/** The parameters of the first request that comes with the state; others are answered and not believed. */
function receiveAnswer(server: Server, state: string, signal: AbortSignal): Promise<URLSearchParams> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(nobodyAnswered()), longestWait)
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    server.once('close', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    })
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      const { pathname, searchParams } = readAddress(request.url ?? '/')
      if (pathname !== '/OauthRedirect') return answer(response, 404, 'There is nothing here.')
      if (searchParams.get('state') !== state) return answer(response, 400, 'This answer belongs to another login.')
      const text = searchParams.has('code') ? 'You are logged in' : 'The login was refused'
      answer(response, 200, `${text}. You can close this page and go back to the terminal.`, () =>
        resolve(searchParams),
      )
    })
  })
}

/** Whoever scans the ports of this machine may ask for what is no address. */
function readAddress(path: string): URL {
  const local = 'http://localhost'
  return URL.canParse(path, local) ? new URL(path, local) : new URL(local)
}

function answer(response: ServerResponse, status: number, text: string, done?: () => void): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', connection: 'close' })
  response.end(`<!doctype html><title>sfbulk</title><p>${text}</p>\n`, done)
}

function nobodyAnswered(): AuthError {
  return new AuthError('Nobody has logged in within ten minutes', {
    code: 'LOGIN_TIMEOUT',
    hint: 'Run sfbulk login again. On a machine without a browser, forward the port of the callback: ssh -L 1717:localhost:1717',
  })
}
