import type { ClientCredentials, Login } from './login-flows.ts'

/** The login as a refusal sees it; `web` is one that a person has begun in a browser. */
export type HostLogin =
  | Exclude<Login, { flow: 'access-token' | 'salesforce-cli' }>
  | ({ readonly flow: 'web' } & ClientCredentials)

/** What is known of a login that was refused. */
export interface LoginRefusal {
  /** Salesforce's code: a SOAP exception code, or OAuth's `error`. */
  readonly code: string
  /** Salesforce's text; may be in the language of the user. */
  readonly message: string
  readonly login: HostLogin
  /** Milliseconds by which this machine's clock is ahead of the host's; undefined when the answer had no date. */
  readonly clockAhead: number | undefined
}

/** A cause of refused logins, how it shows, and what to do about it. */
interface LoginFault {
  readonly code: string | RegExp
  /** What the text says; only the text tells apart what OAuth calls `invalid_grant`. */
  readonly text?: RegExp
  readonly flows?: readonly HostLogin['flow'][]
  readonly holds?: (refusal: LoginRefusal) => boolean
  readonly next: string | ((refusal: LoginRefusal) => string)
}

/** The next step for a refused login; undefined for a cause that is not known. The first row that fits is taken. */
export function findNextStep(refusal: LoginRefusal): string | undefined {
  const { code, message, login } = refusal
  const fault = faults.find((each) => {
    if (typeof each.code === 'string' ? each.code !== code : !each.code.test(code)) return false
    if (each.text !== undefined && !each.text.test(message)) return false
    if (each.flows !== undefined && !each.flows.includes(login.flow)) return false
    return each.holds?.(refusal) ?? true
  })
  return typeof fault?.next === 'function' ? fault.next(refusal) : fault?.next
}

const browser = 'Log in once in a browser'
const lastingLogin =
  'Log in by an External Client App instead: `sfbulk login` in a browser, or SF_CLIENT_ID with SF_CLIENT_SECRET or SF_JWT_KEY_FILE.'
const myDomain = 'Set SF_LOGIN_URL to the My Domain of the org, like https://mycompany.my.salesforce.com'
const network =
  'Ask an administrator to admit this network (Setup, Network Access, or the login IP ranges of the profile; for an app its IP relaxation), or log in from one that is.'
const approve =
  'An administrator must admit the user to the app: Setup, the app’s policies, Permitted Users “Admin approved users are pre-authorized”, and a profile or permission set of the user.'
const apiEnabled =
  'Give the user the permission “API Enabled” (profile or permission set); Group and Professional Edition have no API.'
const sandbox =
  'A sandbox user gets this answer at the production host, too: then set SF_LOGIN_URL=https://test.salesforce.com or the My Domain of the sandbox.'

/** More than what a network delay explains, less than what an assertion lives. */
const largestSkew = 120_000

/**
 * Codes: SOAP API guide, "login()" and "Core Data Types"; Salesforce help, "OAuth 2.0 error codes". Texts of
 * `invalid_grant` are observed and never translated.
 */
const faults: readonly LoginFault[] = [
  {
    code: 'LOGIN_MUST_USE_SECURITY_TOKEN',
    holds: ({ login }) => 'securityToken' in login && login.securityToken !== '',
    next: 'Check SF_SECURITY_TOKEN: a new password brings a new token, by e-mail (personal settings, Reset My Security Token).',
  },
  {
    code: 'LOGIN_MUST_USE_SECURITY_TOKEN',
    next: 'This network is not trusted by the org: set SF_SECURITY_TOKEN (personal settings, Reset My Security Token), or ask an administrator to admit the network.',
  },
  {
    code: 'INVALID_LOGIN',
    next: `Check SF_USERNAME, SF_PASSWORD and SF_SECURITY_TOKEN in a browser, before more tries lock the user. ${sandbox}`,
  },
  {
    code: /^(PASSWORD_LOCKOUT|USER_LOCKED)$/,
    next: 'Too many wrong passwords: wait for the lockout to end, or ask an administrator to unlock the user (Setup, Users, Unlock).',
  },
  {
    code: /^(INVALID_OPERATION_WITH_EXPIRED_PASSWORD|PASSWORD_EXPIRED)$/,
    next: `${browser} and set a new password; this also sends a new security token.`,
  },
  {
    code: /^LOGIN_CHALLENGE_(ISSUED|PENDING)$/,
    next: `Salesforce waits for a confirmation: log in once in a browser from this network.`,
  },
  { code: 'LOGIN_DURING_RESTRICTED_DOMAIN', next: network },
  { code: 'LOGIN_DURING_RESTRICTED_TIME', next: 'The profile of the user has login hours. Try again within them.' },
  { code: 'LOGIN_RATE_EXCEEDED', next: 'Too many logins within an hour. Wait an hour.' },
  {
    code: 'INVALID_OPERATION',
    next: `SOAP login is off in this org, and ends everywhere in Summer ’27. ${lastingLogin}`,
  },
  { code: 'UNSUPPORTED_API_VERSION', next: `The host does not serve SOAP login any more. ${lastingLogin}` },
  { code: 'API_DISABLED_FOR_ORG', next: apiEnabled },
  { code: 'API_CURRENTLY_DISABLED', next: 'API access of the org is off at the moment. Ask its administrator.' },
  { code: 'ORG_LOCKED', next: 'The org is locked. Ask its administrator.' },
  { code: 'TRIAL_EXPIRED', next: 'The trial of this org has ended.' },
  {
    code: 'SSO_SERVICE_DOWN',
    next: 'The single sign-on service of the org does not answer. Try again later, or log in by an app.',
  },
  {
    code: /^(invalid_client_id|invalid_client)$/,
    text: /client identifier invalid/i,
    next: 'Check SF_CLIENT_ID, the consumer key of the app; a new app takes up to ten minutes to become known.',
  },
  { code: 'invalid_client_id', next: 'Check SF_CLIENT_ID, the consumer key of the app.' },
  {
    code: 'invalid_client',
    flows: ['jwt'],
    next: 'Check SF_CLIENT_ID, and that the certificate of the app was made from the key in SF_JWT_KEY_FILE.',
  },
  {
    code: 'invalid_client',
    next: 'Check SF_CLIENT_SECRET, the consumer secret of the app: an administrator sees it in Setup and may have renewed it.',
  },
  { code: 'app_not_found', next: `Check SF_CLIENT_ID. ${myDomain}: External Client Apps are known nowhere else.` },
  { code: 'inactive_user', next: 'The user has been deactivated. Ask an administrator, or log in as another user.' },
  { code: 'inactive_org', next: 'The org has been deactivated or deleted.' },
  {
    code: 'unsupported_grant_type',
    next: `The app or the host does not offer this flow: enable it in the OAuth settings of the app. ${myDomain}.`,
  },
  {
    code: 'redirect_uri_mismatch',
    next: 'Enter http://localhost:1717/OauthRedirect as callback URL in the app, or name the port that it has: --callback-port <n>',
  },
  {
    code: /^(access_denied|invalid_grant|invalid_request)$/,
    flows: ['web'],
    next: 'Try again: sfbulk login. If it fails again, check that the app allows the web server flow with PKCE.',
  },
  {
    code: /^(invalid_grant|OAUTH_APP_BLOCKED)$/,
    text: /app.*blocked|OAUTH_APP_BLOCKED/i,
    next: 'An administrator has blocked the app: Setup, Connected Apps OAuth Usage, Unblock.',
  },
  {
    code: 'invalid_grant',
    text: /not supported on this domain/i,
    next: `${myDomain}: client credentials are not taken at login.salesforce.com.`,
  },
  {
    code: 'invalid_grant',
    text: /no client credentials user/i,
    next: 'Choose a “Run As” user in the client credentials settings of the app.',
  },
  { code: 'invalid_grant', text: /IP restricted|login hours/i, next: network },
  {
    code: 'invalid_grant',
    text: /hasn['’]t approved/i,
    next: `Nobody has allowed the app to act for this user. ${approve} Or let the user log in once in a browser: sfbulk login`,
  },
  { code: /^(invalid_grant|invalid_app_access)$/, text: /approved|invalid_app_access/i, next: approve },
  {
    code: 'invalid_grant',
    text: /audience/i,
    next: ({ login }) =>
      `${myDomain}, or to https://test.salesforce.com for a sandbox: it is also the audience of the assertion, which was ${new URL(login.loginUrl).origin}.`,
  },
  {
    code: 'invalid_grant',
    flows: ['jwt'],
    holds: ({ clockAhead = 0 }) => Math.abs(clockAhead) > largestSkew,
    next: ({ clockAhead = 0 }) =>
      `Set the clock of this machine: it is ${describeSkew(clockAhead)} the clock of Salesforce, which takes assertions of three minutes only.`,
  },
  {
    code: 'invalid_grant',
    text: /assertion/i,
    flows: ['jwt'],
    next: 'The certificate in the app does not belong to the key in SF_JWT_KEY_FILE: upload the certificate that was made from it, or name the other key.',
  },
  {
    code: 'invalid_grant',
    text: /expired|invalid|inactive/i,
    flows: ['refresh-token'],
    next: 'The refresh token has expired, was revoked, or has been replaced by a newer one: log in again with `sfbulk login`.',
  },
  {
    code: 'invalid_grant',
    flows: ['jwt'],
    next: 'Check SF_USERNAME, that the user is active, and that the app knows the certificate of the key in SF_JWT_KEY_FILE.',
  },
  {
    code: 'invalid_grant',
    flows: ['oauth-password'],
    next: `Check SF_USERNAME, SF_PASSWORD and SF_SECURITY_TOKEN. The same answer comes when the org does not allow the OAuth username-password flow, which Salesforce closes. ${sandbox}`,
  },
  {
    code: 'invalid_grant',
    flows: ['client-credentials'],
    next: 'Check that the app has the client credentials flow enabled, and a “Run As” user who is active and may use the API.',
  },
]

/** `12 minutes behind` */
function describeSkew(ahead: number): string {
  const minutes = Math.round(Math.abs(ahead) / 60_000)
  return `${minutes} minutes ${ahead > 0 ? 'ahead of' : 'behind'}`
}
