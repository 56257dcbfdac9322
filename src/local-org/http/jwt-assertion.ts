import { createPublicKey, verify } from 'node:crypto'
import { isObject } from './api-request.ts'
import type { GrantRefusal } from './oauth-grants.ts'

/** What an assertion is held against. */
export interface ExpectedAssertion {
  /** PEM: the certificate in the app, or its public key. */
  readonly certificate: string
  readonly clientId: string
  readonly audience: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/** Seconds that an assertion may live. Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration". */
const longestLife = 180

/** Clocks differ by as much without harm. */
const tolerance = 30

/** Checks signature and claims of an RS256 assertion. RFC 7523; an External Client App takes its own host's address alone as the audience. */
export function checkAssertion(
  assertion: string,
  { certificate, clientId, audience, now }: ExpectedAssertion,
): GrantRefusal | { readonly username: string } {
  const [header = '', claims = '', signature = '', ...rest] = assertion.split('.')
  const parsed = parsePart(claims)
  const isSigned =
    rest.length === 0 &&
    parsePart(header)?.alg === 'RS256' &&
    verify(
      'sha256',
      Buffer.from(`${header}.${claims}`),
      createPublicKey(certificate),
      Buffer.from(signature, 'base64url'),
    )
  if (parsed === undefined || !isSigned) return refuse('invalid_grant', 'invalid assertion')
  const { iss, sub, aud, exp } = parsed
  if (iss !== clientId) return refuse('invalid_client_id', 'client identifier invalid')
  if (aud !== audience) return refuse('invalid_grant', 'audience is invalid')
  const seconds = now / 1000
  // Milliseconds in place of seconds are a date that is far away.
  if (typeof exp !== 'number' || exp > seconds + longestLife + tolerance) {
    return refuse('invalid_grant', 'invalid assertion')
  }
  if (exp < seconds - tolerance) return refuse('invalid_grant', 'expired authorization code')
  return typeof sub === 'string' ? { username: sub } : refuse('invalid_grant', 'invalid assertion')
}

function parsePart(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function refuse(error: string, description: string): GrantRefusal {
  return { error, description }
}
