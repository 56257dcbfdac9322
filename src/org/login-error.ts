import { AuthError } from '../errors.ts'
import type { AnswerError } from './answer-error.ts'
import type { Login } from './login-flows.ts'

type RemoteLogin = Exclude<Login, { flow: 'access-token' }>

/**
 * What a refused login means and what to do. Codes that no user can do anything about, and answers that are none of
 * Salesforce's, stay as they are. Source: SOAP API guide, "login()"; "OAuth 2.0 error codes".
 */
export function explainLoginRefusal(error: AnswerError, login: RemoteLogin): AuthError | AnswerError {
  if (error.errorCode.startsWith('HTTP_') || passing.has(error.errorCode)) return error
  const host = new URL(login.loginUrl).host
  const who = 'username' in login ? `user ${login.username}` : 'the client'
  return new AuthError(`${host} refused the login of ${who}: ${error.message}`, {
    code: error.errorCode,
    hint: findHint(error, login),
    cause: error,
  })
}

/** The login succeeded, but the session may do nothing but set a new password. */
export function passwordExpired(login: RemoteLogin): AuthError {
  const who = 'username' in login ? ` of ${login.username}` : ''
  return new AuthError(`The password${who} has expired`, {
    code: 'PASSWORD_EXPIRED',
    hint: 'Log in once in a browser and set a new password; this also sends a new security token.',
  })
}

const passing = new Set(['SERVER_UNAVAILABLE', 'rate_limit_exceeded', 'server_error', 'REQUEST_LIMIT_EXCEEDED'])

const checkPassword = 'Check SF_USERNAME, SF_PASSWORD and SF_SECURITY_TOKEN.'
const sandboxHint =
  'A sandbox user gets this answer at the production host, too: then set SF_LOGIN_URL=https://test.salesforce.com or the My Domain of the sandbox.'
const network =
  'Ask an administrator to admit this network (Setup, Network Access, or the login IP ranges of the profile).'

const hints: Readonly<Record<string, string>> = {
  INVALID_LOGIN: `${checkPassword} ${sandboxHint}`,
  LOGIN_MUST_USE_SECURITY_TOKEN:
    'This network is not trusted by the org: set SF_SECURITY_TOKEN (personal settings, Reset My Security Token), or ask an administrator to admit the network.',
  INVALID_OPERATION:
    'SOAP login is off in this org. Set SF_CLIENT_ID and SF_CLIENT_SECRET of an External Client App, or SF_ACCESS_TOKEN and SF_INSTANCE_URL.',
  INVALID_OPERATION_WITH_EXPIRED_PASSWORD: 'Log in once in a browser and set a new password.',
  LOGIN_CHALLENGE_ISSUED: 'Salesforce asks for a confirmation: log in once in a browser from this network.',
  LOGIN_CHALLENGE_PENDING: 'Salesforce waits for a confirmation: log in once in a browser from this network.',
  LOGIN_DURING_RESTRICTED_DOMAIN: network,
  LOGIN_DURING_RESTRICTED_TIME: 'The profile of the user has login hours. Try again within them.',
  PASSWORD_LOCKOUT: 'Too many wrong passwords. Wait, or ask an administrator to unlock the user.',
  LOGIN_RATE_EXCEEDED: 'Too many logins within an hour. Wait an hour.',
  ORG_LOCKED: 'The org is locked. Ask its administrator.',
  TRIAL_EXPIRED: 'The trial of this org has ended.',
  API_DISABLED_FOR_ORG: 'The edition of the org or the profile of the user has no API access ("API Enabled").',
  API_CURRENTLY_DISABLED: 'API access of the org is off at the moment. Ask its administrator.',
  SSO_SERVICE_DOWN: 'The single sign-on service of the org does not answer. Try again later.',
  invalid_client_id: 'Check SF_CLIENT_ID; a new app takes up to ten minutes to become known.',
  invalid_client: 'Check SF_CLIENT_ID and SF_CLIENT_SECRET.',
  app_not_found: 'Check SF_CLIENT_ID, and set SF_LOGIN_URL to the My Domain of the org.',
  inactive_user: 'The user has been deactivated.',
  inactive_org: 'The org has been deactivated.',
  unsupported_grant_type: 'The app or the host does not offer this flow. Set SF_LOGIN_URL to the My Domain of the org.',
}

/** `invalid_grant` has many reasons; only its text tells them apart. */
const grantHints: readonly (readonly [RegExp, string])[] = [
  [
    /not supported on this domain/i,
    'Set SF_LOGIN_URL to the My Domain of the org: client credentials are not taken at login.salesforce.com.',
  ],
  [/no client credentials user/i, 'Choose a "Run As" user in the client credentials settings of the app.'],
  [/IP restricted|login hours/i, network],
  [
    /approved|invalid_app_access/i,
    'An administrator must admit the user to the app (Manage Policies, or a permission set).',
  ],
]

function findHint(error: AnswerError, login: RemoteLogin): string | undefined {
  if (error.errorCode !== 'invalid_grant') return hints[error.errorCode]
  const known = grantHints.find(([text]) => text.test(error.message))?.[1]
  if (known !== undefined) return known
  if (login.flow !== 'oauth-password') return 'Check that the app has the client credentials flow enabled.'
  return `${checkPassword} The same answer comes when the org does not allow the OAuth username-password flow. ${sandboxHint}`
}
