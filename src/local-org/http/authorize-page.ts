import type { OrgParts } from '../parts.ts'
import { type ApiRequest, readText } from './api-request.ts'
import type { Reply } from './reply.ts'
import type { Route } from './router.ts'
import { escapeXml } from './soap-xml.ts'
import { findUser } from './users.ts'

/**
 * The page on which a user logs in and lets an app act for them; it sends the browser back to the app with a code. Source:
 * Salesforce help, "OAuth 2.0 Web Server Flow"; RFC 6749, 4.1; RFC 7636.
 */
export function authorizeRoutes(parts: OrgParts): readonly Route[] {
  const path = '/services/oauth2/authorize'
  return [
    { method: 'GET', path, session: false, handle: ({ query }) => showPage(parts, query) },
    { method: 'POST', path, session: false, handle: (request) => decide(parts, request) },
  ]
}

function showPage(parts: OrgParts, query: URLSearchParams, message = ''): Reply {
  const wrong = findFault(parts, query)
  if (wrong !== undefined) return wrong
  const fields = carried.map((name) => {
    const value = query.get(name)
    return value === null ? '' : `<input type="hidden" name="${name}" value="${escapeXml(value)}">`
  })
  return page(
    200,
    `<h1>Local org</h1><p>${escapeXml(message)}</p><form method="post" action="/services/oauth2/authorize">
${fields.join('')}
<p><label>User name <input name="username" value="${escapeXml(parts.user.username)}"></label></p>
<p><label>Password <input name="password" type="password"></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form>`,
  )
}

/** Parameters that the page's form carries along. */
const carried = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
] as const

async function decide(parts: OrgParts, request: ApiRequest): Promise<Reply> {
  const form = new URLSearchParams(await readText(request))
  const wrong = findFault(parts, form)
  if (wrong !== undefined) return wrong
  if (form.get('decision') === 'deny') {
    return sendBack(form, { error: 'access_denied', error_description: 'end-user denied authorization' })
  }
  const user = findUser(parts, form.get('username') ?? '')
  if (user === undefined || form.get('password') !== parts.settings.password) {
    return showPage(parts, form, 'Please check your username and password.')
  }
  const code = parts.codes.open({
    user,
    redirectUri: form.get('redirect_uri') ?? '',
    scope: form.get('scope') ?? 'api refresh_token',
    challenge: form.get('code_challenge') ?? undefined,
  })
  return sendBack(form, { code })
}

/** What is wrong with the client or its address is told to the user, and never sent to that address. */
function findFault({ settings, options }: OrgParts, query: URLSearchParams): Reply | undefined {
  if (query.get('client_id') !== settings.clientId) return faultPage('invalid_client_id', 'client identifier invalid')
  if (query.get('redirect_uri') !== options.callbackUrl) {
    return faultPage('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
  if (query.get('response_type') !== 'code')
    return faultPage('unsupported_response_type', 'response type not supported')
  const method = query.get('code_challenge_method')
  if (method !== null && method !== 'S256') return faultPage('invalid_request', 'code challenge method not supported')
  return undefined
}

function sendBack(form: URLSearchParams, parameters: Readonly<Record<string, string>>): Reply {
  const target = new URL(form.get('redirect_uri') ?? '')
  const state = form.get('state')
  for (const [name, value] of Object.entries({ ...parameters, ...(state === null ? {} : { state }) })) {
    target.searchParams.set(name, value)
  }
  return { status: 302, headers: { Location: target.href } }
}

function faultPage(error: string, description: string): Reply {
  return page(400, `<p>OAuth Error</p><p>error=${error}&amp;error_description=${escapeXml(description)}</p>`)
}

function page(status: number, body: string): Reply {
  const headers = { 'Content-Type': 'text/html;charset=UTF-8', 'Cache-Control': 'no-store' }
  return { status, headers, body: `<!doctype html><title>Local org</title><body>${body}</body>\n` }
}
