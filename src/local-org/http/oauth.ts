import { createHmac } from 'node:crypto'
import type { OrgParts } from '../parts.ts'
import type { ApiRequest } from './api-request.ts'
import { readText } from './api-request.ts'
import { authorise } from './authorise.ts'
import { type Grant, grants } from './oauth-grants.ts'
import { emptyReply, jsonReply, type Reply } from './reply.ts'
import type { Route } from './router.ts'
import { userOf } from './users.ts'

/** Token endpoint, revocation and user info. None of them counts against the daily calls. */
export function oauthRoutes(parts: OrgParts): readonly Route[] {
  const open = { session: false } as const
  return [
    {
      ...open,
      method: 'POST',
      path: '/services/oauth2/token',
      handle: async (request) => grantToken(parts, request, await readForm(request)),
    },
    {
      ...open,
      method: 'POST',
      path: '/services/oauth2/revoke',
      handle: async (request) => revokeToken(parts, await readForm(request)),
    },
    { ...open, method: 'GET', path: '/services/oauth2/userinfo', handle: (request) => describeUser(parts, request) },
    { ...open, method: 'POST', path: '/services/oauth2/userinfo', handle: (request) => describeUser(parts, request) },
    {
      ...open,
      method: 'GET',
      path: '/id/:organization/:user',
      handle: (request) => describeUser(parts, request),
    },
  ]
}

async function grantToken(parts: OrgParts, request: ApiRequest, form: URLSearchParams): Promise<Reply> {
  const type = form.get('grant_type') ?? ''
  const grant = Object.hasOwn(grants, type) ? grants[type] : undefined
  if (grant === undefined) return oauthError('unsupported_grant_type', 'grant type not supported')
  // The client of an assertion is the one that has signed it.
  const refused = type.endsWith(':jwt-bearer') ? undefined : checkClient(parts, request, form, grant)
  if (refused !== undefined) return refused
  const result = grant.check(parts, form)
  if ('error' in result) return oauthError(result.error, result.description)
  const { user, refreshToken, scope } = result
  const { token } = parts.sessions.open(user.id, parts.options.jwtTokens ? 'jwt' : 'opaque')
  const id = `${parts.url()}/id/${parts.organizationId}/${user.id}`
  const issuedAt = String(Date.now())
  return jsonReply({
    access_token: token,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(scope === undefined ? {} : { scope }),
    instance_url: parts.url(),
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
    signature: createHmac('sha256', parts.settings.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
  })
}

/** The secret may come in the form or as basic authorisation. */
function checkClient(
  { settings }: OrgParts,
  { headers }: ApiRequest,
  form: URLSearchParams,
  grant: Grant,
): Reply | undefined {
  const basic = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const [basicId, basicSecret] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':')
  const id = form.get('client_id') ?? basicId
  const secret = form.get('client_secret') ?? basicSecret
  if (id !== settings.clientId) return oauthError('invalid_client_id', 'client identifier invalid')
  if (secret === undefined && grant.secret === 'ifGiven') return undefined
  return secret === settings.clientSecret ? undefined : oauthError('invalid_client', 'invalid client credentials')
}

function revokeToken({ sessions, refreshTokens }: OrgParts, form: URLSearchParams): Reply {
  const token = form.get('token') ?? ''
  if (sessions.find(token) === undefined && !refreshTokens.end(token)) {
    return oauthError('unsupported_token_type', 'this token type is not supported')
  }
  sessions.end(token)
  return emptyReply(200)
}

function describeUser(parts: OrgParts, { headers }: ApiRequest): Reply {
  const { id: userId, username } = userOf(parts, authorise(parts.sessions, headers.authorization))
  const base = `${parts.url()}/services`
  return jsonReply({
    sub: `${parts.url()}/id/${parts.organizationId}/${userId}`,
    id: `${parts.url()}/id/${parts.organizationId}/${userId}`,
    user_id: userId,
    organization_id: parts.organizationId,
    username,
    preferred_username: username,
    nickname: 'admin',
    name: 'Local Administrator',
    display_name: 'Local Administrator',
    email: username,
    user_type: 'STANDARD',
    language: 'en_US',
    locale: 'en_US',
    active: true,
    urls: {
      rest: `${base}/data/v{version}/`,
      sobjects: `${base}/data/v{version}/sobjects/`,
      query: `${base}/data/v{version}/query/`,
      partner: `${base}/Soap/u/{version}/${parts.organizationId.slice(0, 15)}`,
    },
  })
}

async function readForm(request: ApiRequest): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request))
}

function oauthError(error: string, description: string): Reply {
  return jsonReply({ error, error_description: description }, 400)
}
