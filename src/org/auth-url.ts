import { UsageError } from '../errors.ts'
import { parseHostUrl } from './host-url.ts'
import type { ClientCredentials } from './login-flows.ts'

/**
 * Reads `force://<clientId>:<clientSecret>:<refreshToken>@<host>`, as `sf org auth show-sfdx-auth-url` prints it. The secret
 * may be empty, and the host may have its scheme. Throws `UsageError` that shows nothing of the text.
 * Source: salesforcecli, `org login sfdx-url`.
 */
export function parseAuthUrl(text: string): ClientCredentials & { readonly refreshToken: string } {
  const parts = /^force:\/\/([^:@]+):([^:@]*):([^:@]+)@(.+)$/.exec(text.trim())
  const [, clientId, clientSecret, refreshToken, host] = parts ?? []
  if (clientId === undefined || clientSecret === undefined || refreshToken === undefined || host === undefined) {
    throw new UsageError(
      'SFDX_AUTH_URL is no address of the form force://<client id>:<secret>:<refresh token>@<host>',
      {
        code: 'AUTH_URL',
        hint: '`sf org auth show-sfdx-auth-url --target-org <alias>` prints it for logins made in a browser.',
      },
    )
  }
  return { loginUrl: parseHostUrl('The host of SFDX_AUTH_URL', host), clientId, clientSecret, refreshToken }
}
