import { createHash } from 'node:crypto'
import type { OrgParts } from '../parts.ts'
import { checkAssertion } from './jwt-assertion.ts'
import { findUser, type OrgUser } from './users.ts'

/** What a client gets for its grant, or why it gets nothing, in OAuth's words. */
export type GrantResult =
  | { readonly user: OrgUser; readonly refreshToken?: string | undefined; readonly scope?: string | undefined }
  | GrantRefusal

export interface GrantRefusal {
  readonly error: string
  readonly description: string
}

/** One way to a token. */
export interface Grant {
  /** Whether the client must prove itself by its secret. `ifGiven`: a secret that comes along must be right. */
  readonly secret: 'needed' | 'ifGiven'
  readonly check: (parts: OrgParts, form: URLSearchParams) => GrantResult
}

/**
 * By `grant_type`. Sources: Salesforce help, "OAuth 2.0 JWT Bearer Flow", "OAuth 2.0 Refresh Token Flow", "OAuth 2.0 Web
 * Server Flow"; RFC 7636 for the verifier; the texts are those that clients have observed.
 */
export const grants: Readonly<Record<string, Grant>> = {
  password: {
    secret: 'needed',
    check(parts, form) {
      const { password, securityToken } = parts.settings
      const user = findUser(parts, form.get('username') ?? '')
      if (user === undefined || form.get('password') !== password + securityToken) {
        return refuse('invalid_grant', 'authentication failure')
      }
      return { user }
    },
  },
  client_credentials: { secret: 'needed', check: ({ user }) => ({ user }) },
  refresh_token: {
    secret: 'ifGiven',
    check(parts, form) {
      const rotates = parts.options.rotateRefreshTokens
      const used = parts.refreshTokens.use(form.get('refresh_token') ?? '', rotates)
      if (used === undefined) return refuse('invalid_grant', 'expired access/refresh token')
      return { user: parts.user, refreshToken: used.replacement }
    },
  },
  authorization_code: { secret: 'ifGiven', check: redeemCode },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': {
    secret: 'ifGiven',
    check(parts, form) {
      const { settings, options, url } = parts
      const certificate = options.jwtCertificate
      if (certificate === undefined) return refuse('invalid_client', 'invalid client credentials')
      const expected = { certificate, clientId: settings.clientId, audience: url(), now: Date.now() }
      const assertion = checkAssertion(form.get('assertion') ?? '', expected)
      if ('error' in assertion) return assertion
      const user = findUser(parts, assertion.username)
      return user === undefined ? refuse('invalid_grant', "user hasn't approved this consumer") : { user }
    },
  },
}

/** A code is good once, for the address to which it was sent, and for who knows the verifier of its challenge. */
function redeemCode(parts: OrgParts, form: URLSearchParams): GrantResult {
  const code = parts.codes.take(form.get('code') ?? '')
  if (code === undefined) return refuse('invalid_grant', 'invalid authorization code')
  if (form.get('redirect_uri') !== code.redirectUri) {
    return refuse('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
  if (code.challenge !== undefined) {
    const verifier = form.get('code_verifier')
    if (verifier === null) return refuse('invalid_grant', 'code verifier required')
    const hash = createHash('sha256').update(verifier).digest('base64url')
    if (!/^[\w.~-]{43,128}$/.test(verifier) || hash !== code.challenge) {
      return refuse('invalid_request', 'invalid code verifier')
    }
  } else if (form.get('client_secret') === null) {
    return refuse('invalid_client', 'invalid client credentials')
  }
  const scopes = code.scope.split(' ')
  const refreshes = scopes.includes('refresh_token') || scopes.includes('offline_access')
  return { user: code.user, scope: code.scope, refreshToken: refreshes ? parts.refreshTokens.open() : undefined }
}

function refuse(error: string, description: string): GrantRefusal {
  return { error, description }
}
