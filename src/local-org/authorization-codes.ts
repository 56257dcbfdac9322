import type { OrgUser } from './http/users.ts'
import { randomText } from './settings.ts'

/** What a user has allowed on the authorize page, to be fetched by the app. */
export interface AuthorizationCode {
  readonly user: OrgUser
  readonly redirectUri: string
  readonly scope: string
  /** SHA-256 of the verifier in base64url; undefined for an app without PKCE. */
  readonly challenge: string | undefined
}

/** Codes that wait to be redeemed, in memory: they live for minutes. */
export interface AuthorizationCodes {
  open(code: AuthorizationCode): string
  /** Each is good once. Undefined for one that is unknown, used or too old. */
  take(text: string): AuthorizationCode | undefined
}

/** Source: Salesforce help, "OAuth 2.0 Web Server Flow": the code expires after 15 minutes. */
const lifetime = 15 * 60_000

/** @param now milliseconds since 1970 */
export function createAuthorizationCodes(now: () => number): AuthorizationCodes {
  const waiting = new Map<string, AuthorizationCode & { readonly openedAt: number }>()
  return {
    open(code) {
      const text = `aPrx${randomText(60)}==`
      waiting.set(text, { ...code, openedAt: now() })
      return text
    },
    take(text) {
      const code = waiting.get(text)
      waiting.delete(text)
      return code !== undefined && now() - code.openedAt < lifetime ? code : undefined
    },
  }
}
