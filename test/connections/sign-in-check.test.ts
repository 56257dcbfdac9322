import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Reply, startDialogue } from '../org/dialogue.ts'
import { makeCertificate } from '../support/certificates.ts'
import { installFakeCli } from '../support/fake-salesforce-cli.ts'
import { startTestOrg } from '../support/org.ts'
import { startProxy } from '../support/proxy.ts'
import { run } from '../support/run.ts'
import { startTlsFront } from '../support/tls-front.ts'

type Variables = Record<string, string>

const user = { SF_USERNAME: 'ada@example.com', SF_PASSWORD: 'pass' }
const client = { SF_CLIENT_ID: '3MVG9x', SF_CLIENT_SECRET: 'ABC' }
const refresh = { SF_CLIENT_ID: '3MVG9x', SF_REFRESH_TOKEN: '5Aep861x' }
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const files = { 'a.key': String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
const jwt = { SF_CLIENT_ID: '3MVG9x', SF_USERNAME: 'ada@example.com', SF_JWT_KEY_FILE: 'a.key' }

/** A login host that gives each request the same answer. */
async function host(variables: Variables, reply: Reply): Promise<Variables> {
  const { url } = await startDialogue(() => reply)
  return { ...variables, SF_LOGIN_URL: url }
}

function soap(code: string, message = 'no'): Reply {
  return {
    status: 500,
    headers: { 'content-type': 'text/xml' },
    text: `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${message}</faultstring></soapenv:Fault>`,
  }
}

const oauth = (error: string, error_description: string, headers = {}): Reply => ({
  status: 400,
  json: { error, error_description },
  headers,
})

const sandbox =
  'A sandbox user gets this answer at the production host, too: then set SF_LOGIN_URL=https://test.salesforce.com or the My Domain of the sandbox.'
const myDomain = 'Set SF_LOGIN_URL to the My Domain of the org, like https://mycompany.my.salesforce.com'
const network =
  'Ask an administrator to admit this network (Setup, Network Access, or the login IP ranges of the profile; for an app its IP relaxation), or log in from one that is.'
const approve =
  'An administrator must admit the user to the app: Setup, the app’s policies, Permitted Users “Admin approved users are pre-authorized”, and a profile or permission set of the user.'

interface Fault {
  readonly name: string
  readonly given: () => Promise<Variables>
  /** Exit code. */
  readonly exit: number
  /** `%` stands for the host and port that were asked. */
  readonly next: string
}

const faults: readonly Fault[] = [
  {
    name: 'a wrong password',
    given: () => host(user, soap('INVALID_LOGIN')),
    exit: 4,
    next: `Check SF_USERNAME, SF_PASSWORD and SF_SECURITY_TOKEN in a browser, before more tries lock the user. ${sandbox}`,
  },
  {
    name: 'a security token that is missing',
    given: () => host(user, soap('LOGIN_MUST_USE_SECURITY_TOKEN')),
    exit: 4,
    next: 'This network is not trusted by the org: set SF_SECURITY_TOKEN (personal settings, Reset My Security Token), or ask an administrator to admit the network.',
  },
  {
    name: 'a security token that is out of date',
    given: () => host({ ...user, SF_SECURITY_TOKEN: 'old' }, soap('LOGIN_MUST_USE_SECURITY_TOKEN')),
    exit: 4,
    next: 'Check SF_SECURITY_TOKEN: a new password brings a new token, by e-mail (personal settings, Reset My Security Token).',
  },
  {
    name: 'a user who is locked out',
    given: () => host(user, soap('PASSWORD_LOCKOUT')),
    exit: 4,
    next: 'Too many wrong passwords: wait for the lockout to end, or ask an administrator to unlock the user (Setup, Users, Unlock).',
  },
  {
    name: 'a password that has expired',
    given: () => host(user, soap('INVALID_OPERATION_WITH_EXPIRED_PASSWORD')),
    exit: 4,
    next: 'Log in once in a browser and set a new password; this also sends a new security token.',
  },
  {
    name: 'a network that is not admitted',
    given: () => host(user, soap('LOGIN_DURING_RESTRICTED_DOMAIN')),
    exit: 4,
    next: network,
  },
  {
    name: 'an app that does not admit the network',
    given: () => host(client, oauth('invalid_grant', 'IP restricted or invalid login hours')),
    exit: 4,
    next: network,
  },
  {
    name: 'SOAP login that is switched off',
    given: () => host(user, soap('INVALID_OPERATION', 'SOAP API login() is disabled by default in this org.')),
    exit: 4,
    next: 'SOAP login is off in this org, and ends everywhere in Summer ’27. Log in by an External Client App instead: `sfbulk login` in a browser, or SF_CLIENT_ID with SF_CLIENT_SECRET or SF_JWT_KEY_FILE.',
  },
  {
    name: 'an edition or user without API access',
    given: () => host(user, soap('API_DISABLED_FOR_ORG')),
    exit: 4,
    next: 'Give the user the permission “API Enabled” (profile or permission set); Group and Professional Edition have no API.',
  },
  {
    name: 'a wrong client id',
    given: () => host(client, oauth('invalid_client_id', 'client identifier invalid')),
    exit: 4,
    next: 'Check SF_CLIENT_ID, the consumer key of the app; a new app takes up to ten minutes to become known.',
  },
  {
    name: 'a wrong client secret',
    given: () => host(client, oauth('invalid_client', 'invalid client credentials')),
    exit: 4,
    next: 'Check SF_CLIENT_SECRET, the consumer secret of the app: an administrator sees it in Setup and may have renewed it.',
  },
  {
    name: 'client credentials without a Run As user',
    given: () => host(client, oauth('invalid_grant', 'no client credentials user enabled')),
    exit: 4,
    next: 'Choose a “Run As” user in the client credentials settings of the app.',
  },
  {
    name: 'a host that wants the My Domain',
    given: () => host(client, oauth('invalid_grant', 'request not supported on this domain')),
    exit: 4,
    next: `${myDomain}: client credentials are not taken at login.salesforce.com.`,
  },
  {
    name: 'an External Client App at the wrong host',
    given: () => host(jwt, oauth('app_not_found', 'External client app is not found')),
    exit: 4,
    next: `Check SF_CLIENT_ID. ${myDomain}: External Client Apps are known nowhere else.`,
  },
  {
    name: 'an app that nobody has approved',
    given: () => host(jwt, oauth('invalid_grant', "user hasn't approved this consumer")),
    exit: 4,
    next: `Nobody has allowed the app to act for this user. ${approve} Or let the user log in once in a browser: sfbulk login`,
  },
  {
    name: 'an app that does not admit the user',
    given: () => host(jwt, oauth('invalid_app_access', 'user is not admin approved to access this app')),
    exit: 4,
    next: approve,
  },
  {
    name: 'a key that does not fit the certificate',
    given: () => host(jwt, oauth('invalid_grant', 'invalid assertion')),
    exit: 4,
    next: 'The certificate in the app does not belong to the key in SF_JWT_KEY_FILE: upload the certificate that was made from it, or name the other key.',
  },
  {
    name: 'an audience that the host does not take',
    given: () => host(jwt, oauth('invalid_grant', 'audience is invalid')),
    exit: 4,
    next: `${myDomain}, or to https://test.salesforce.com for a sandbox: it is also the audience of the assertion, which was http://%.`,
  },
  {
    name: 'a clock that is wrong',
    given: async () => {
      const date = new Date(Date.now() + 3_600_000).toUTCString()
      return await host(jwt, oauth('invalid_grant', 'invalid assertion', { date }))
    },
    exit: 4,
    next: 'Set the clock of this machine: it is 60 minutes behind the clock of Salesforce, which takes assertions of three minutes only.',
  },
  {
    name: 'a refresh token that was revoked',
    given: () => host(refresh, oauth('invalid_grant', 'expired access/refresh token')),
    exit: 4,
    next: 'The refresh token has expired, was revoked, or has been replaced by a newer one: log in again with `sfbulk login`.',
  },
  {
    name: 'username-password that is switched off',
    given: () => host({ ...user, ...client }, oauth('invalid_grant', 'authentication failure')),
    exit: 4,
    next: `Check SF_USERNAME, SF_PASSWORD and SF_SECURITY_TOKEN. The same answer comes when the org does not allow the OAuth username-password flow, which Salesforce closes. ${sandbox}`,
  },
  {
    name: 'an access token that has expired',
    given: async () => ({ SF_ACCESS_TOKEN: '00D!x', SF_INSTANCE_URL: (await startTestOrg()).url }),
    exit: 4,
    next: 'Set a new SF_ACCESS_TOKEN, or a user name and password, or a client id and secret, which are renewed by themselves.',
  },
  {
    name: 'a user without API access who has a session',
    given: async () => {
      const body = [
        { errorCode: 'API_DISABLED_FOR_ORG', message: 'The REST API is not enabled for this Organization.' },
      ]
      const org = await startTestOrg({ faults: [{ path: '/limits', status: 403, body }] })
      return { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    },
    exit: 4,
    next: 'The edition of the org or the profile of the user has no API access ("API Enabled").',
  },
  {
    name: 'a proxy that wants a password',
    given: async () => {
      const { port } = await startProxy({ login: 'a:b' })
      return { ...user, HTTPS_PROXY: `http://127.0.0.1:${port}` }
    },
    exit: 1,
    next: 'Put them into the address: HTTPS_PROXY=http://user:password@% (write @ : / in them as %40 %3A %2F)',
  },
  {
    name: 'a proxy that is not there',
    given: async () => ({ ...user, HTTPS_PROXY: 'http://127.0.0.1:9' }),
    exit: 1,
    next: 'Check the address in HTTPS_PROXY, or list the host in NO_PROXY where there is a direct way.',
  },
  {
    name: 'a certificate that nobody knows',
    given: async () => ({ ...user, SF_LOGIN_URL: await startTlsFront(await startTestOrg(), makeCertificate()) }),
    exit: 1,
    next: 'If a proxy of your company opens encrypted connections, name its certificate: SFBULK_CA_FILE=company.pem',
  },
  {
    name: 'a host that does not exist',
    given: async () => ({ ...user, SF_LOGIN_URL: 'https://nowhere.invalid' }),
    exit: 1,
    next: 'Check SF_LOGIN_URL or SF_INSTANCE_URL for a typing error, and whether this machine is online.',
  },
  {
    name: 'a redirect to another host',
    given: () => host(user, { status: 302, headers: { location: 'https://evil.example/' } }),
    exit: 1,
    next: 'They are not followed, because they carry secrets. If that host is yours, set SF_LOGIN_URL or SF_INSTANCE_URL to it.',
  },
  {
    name: 'a service in maintenance',
    given: () => host(user, { status: 503, text: '<html>We are down for maintenance</html>' }),
    exit: 1,
    next: 'Salesforce may be in maintenance: status.salesforce.com shows it. Try again later.',
  },
  {
    name: 'a host that is no login host',
    given: () => host(client, { text: '<html>Welcome</html>' }),
    exit: 1,
    next: 'Check that SF_LOGIN_URL is the login host of Salesforce or your My Domain.',
  },
  {
    name: 'a login of the Salesforce CLI that has ended',
    given: async () => {
      const org = await startTestOrg()
      const result = { instanceUrl: org.url, connectedStatus: 'RefreshTokenAuthError' }
      const { path } = installFakeCli({ 'org display': { stdout: { status: 0, result } } }, org)
      return { SF_TARGET_ORG: 'mine', PATH: path }
    },
    exit: 4,
    next: 'Log in again: sf org login web --alias mine',
  },
]

describe('sfbulk login --check', () => {
  test.each(faults)('says what to do about $name', async ({ given, exit, next }) => {
    const env = await given()
    const { code, stdout, stderr } = await run('login --check --json', { env, files })
    const report = JSON.parse(stdout)
    const asked = new URL(env.SF_LOGIN_URL ?? env.HTTPS_PROXY ?? 'http://x').host
    expect({ code, next: report.error.hint }).toEqual({ code: exit, next: next.replace(/%(?![0-9])/, asked) })
    expect(report).toMatchObject({ ok: false, exitCode: exit })
    expect(report.checks).toContainEqual(expect.objectContaining({ state: 'fault', next: report.error.hint }))
    for (const secret of ['pass"', 'ABC', '5Aep861x', '00D!x']) expect(stdout + stderr).not.toContain(secret)
  })

  test('tells everything that matters of a login that works, and counts two calls', async () => {
    const org = await startTestOrg({
      jwtTokens: true,
      faults: [
        {
          path: 'query.*UserPermissionAccess',
          status: 200,
          body: { records: [{ PermissionsApiEnabled: true, PermissionsModifyAllData: true }] },
        },
      ],
    })
    const env = { SF_LOGIN_URL: org.url, SF_CLIENT_ID: org.clientId, SF_CLIENT_SECRET: org.clientSecret }
    const { code, stdout } = await run('login --check', { env })
    expect(code).toBe(0)
    const lines = [
      'ok     login        by client credentials: SF_CLIENT_ID (environment), SF_CLIENT_SECRET (environment), SF_LOGIN_URL (environment)',
      `ok     network      to ${new URL(org.url).host} directly, in the clear, on this machine`,
      `ok     sign-in      as ${org.username} to ${org.url}, org 00DLc0000000001MAA`,
      'ok     API version  66.0 in use; the org offers 31.0 to 66.0, this program knows up to 66.0',
      'note   SOAP         takes no token in the form of a JWT below API version 67.0; 66.0 is in use',
      'ok     permission   API Enabled',
      'note   permission   without Bulk API Hard Delete: hard-delete is refused; delete moves records to the recycle bin',
      'ok     permission   Modify All Data',
      'ok     API calls    99,999 of 100,000 left today',
      'ok     clock        as in the org',
    ]
    expect(stdout.split('\n').filter((line) => !line.includes('→') && line !== '')).toEqual(lines)
    expect(org.countedCalls()).toBe(2)
  })

  test('says when the login ends, and which way it takes', async () => {
    const org = await startTestOrg()
    const certificate = makeCertificate()
    const url = await startTlsFront(org, certificate)
    const proxy = await startProxy({ login: 'ada:hidden' })
    const { stdout, code } = await run('login --check', {
      env: {
        SF_LOGIN_URL: url,
        SF_USERNAME: org.username,
        SF_PASSWORD: org.password,
        SF_SECURITY_TOKEN: org.securityToken,
        SFBULK_CA_FILE: certificate.file,
        HTTPS_PROXY: `http://ada:hidden@127.0.0.1:${proxy.port}`,
      },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('note   login        by SOAP login: SF_USERNAME (environment)')
    expect(stdout).toContain('Salesforce serves it until Summer ’27')
    expect(stdout).toContain(`through the proxy 127.0.0.1:${proxy.port} (HTTPS_PROXY), with TLS, certificates checked`)
    expect(stdout).toContain(`with those of ${certificate.file} (SFBULK_CA_FILE)`)
    expect(stdout).not.toContain('hidden')
  })

  test('notes a clock that is wrong, limits that are hidden and calls that are nearly used up', async () => {
    const date = new Date(Date.now() - 600_000).toUTCString()
    const refused = [{ errorCode: 'FUNCTIONALITY_NOT_ENABLED', message: 'no' }]
    const limits = { DailyApiRequests: { Max: 1000, Remaining: 99 } }
    const org = await startTestOrg({
      faults: [
        { path: '/limits', status: 403, body: refused },
        { path: '/limits', nth: 2, status: 200, body: limits },
        {
          path: 'UserPermissionAccess',
          status: 400,
          body: [{ errorCode: 'INVALID_TYPE', message: 'no' }],
          headers: { date },
          times: 2,
        },
        { path: '/services/data/$', status: 200, body: [{ version: '66.0' }], headers: { date }, times: 9 },
      ],
    })
    const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    const first = await run('login --check', { env })
    expect(first.stdout).toMatch(/\? +API calls +this user may not read the limits[\s\S]*View Setup and Configuration/)
    expect(first.stdout).toMatch(/note +clock +this machine is (599|600|601) s ahead of the org[\s\S]*by NTP/)
    expect(first.stdout).toMatch(/\? +permissions +the org does not tell/)
    const second = await run('login --check', { env })
    expect(second.stdout).toMatch(/note +API calls +99 of 1,000 left today/)
  })

  test('looks at the built-in org, too', async () => {
    const { code, stdout } = await run('login --check -o local --json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, exitCode: 0 })
  })

  test('does not go with what is for a new connection', async () => {
    expect(await run('login --check --alias x')).toMatchObject({ code: 2 })
    expect(await run('login -o prod')).toMatchObject({ code: 2, stderr: expect.stringContaining('goes with --check') })
  })
})
