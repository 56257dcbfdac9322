import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { readSettings } from '../../src/connections/read-settings.ts'
import { UsageError } from '../../src/errors.ts'
import { sfbulkHome, sfbulkHomePath } from '../../src/org/settings.ts'

async function makeFolder(envFile?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  if (envFile !== undefined) await writeFile(join(folder, '.env'), envFile)
  return folder
}

async function read(variables: Record<string, string>, flags = {}, envFile?: string) {
  const environment = { SFBULK_HOME: await makeFolder(), ...variables }
  return readSettings(flags, { environment, folder: await makeFolder(envFile) })
}

const user = { SF_USERNAME: 'ada@example.com', SF_PASSWORD: 'secret' }
const client = { SF_CLIENT_ID: 'id', SF_CLIENT_SECRET: 'shh' }
const token = { SF_ACCESS_TOKEN: '00D!t', SF_INSTANCE_URL: 'https://x.my.salesforce.com/' }

describe('the flow', () => {
  test.each([
    ['soap', { ...user }],
    ['soap', { ...user, SF_CLIENT_ID: 'id' }],
    ['oauth-password', { ...user, ...client }],
    ['client-credentials', { ...client }],
    ['access-token', { ...token }],
    ['access-token', { ...user, ...client, ...token, SF_LOGIN_URL: 'http://nonsense.example' }],
  ])('is %s for %o', async (flow, environment) => {
    expect(await read(environment)).toMatchObject({ kind: 'remote', login: { flow } })
  })

  test('carries every value of the connection', async () => {
    const environment = {
      ...user,
      ...client,
      SF_SECURITY_TOKEN: 'T',
      SF_LOGIN_URL: 'test.salesforce.com',
      SF_API_VERSION: 'v60',
    }
    expect(await read(environment)).toMatchObject({
      kind: 'remote',
      apiVersion: '60.0',
      origin:
        'OAuth username-password: SF_CLIENT_ID (environment), SF_CLIENT_SECRET (environment), SF_USERNAME (environment), SF_PASSWORD (environment), SF_SECURITY_TOKEN (environment), SF_LOGIN_URL (environment)',
      login: {
        flow: 'oauth-password',
        loginUrl: 'https://test.salesforce.com',
        clientId: 'id',
        clientSecret: 'shh',
        username: 'ada@example.com',
        password: 'secret',
        securityToken: 'T',
      },
    })
  })

  test('is the local org when it is named, whatever else is set', async () => {
    expect(await read({ ...user }, { targetOrg: 'local' })).toMatchObject({
      kind: 'local',
      origin: 'local org, by --target-org',
    })
    expect(await read({ ...user, SF_TARGET_ORG: 'local' })).toMatchObject({ kind: 'local' })
  })

  test('is JWT bearer, refresh token or an SFDX auth URL before any that sends a password', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const folder = await makeFolder()
    await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const flowOf = async (environment: Record<string, string>) => {
      const target = await readSettings({}, { environment: { SFBULK_HOME: folder, ...environment }, folder })
      return target.kind === 'remote' ? [target.title, target.login.flow] : []
    }
    const jwt = { SF_JWT_KEY_FILE: 'key.pem', SF_CLIENT_ID: 'id', SF_USERNAME: 'ada' }
    const refresh = { SF_REFRESH_TOKEN: 'r', SF_CLIENT_ID: 'id' }
    const authUrl = { SFDX_AUTH_URL: 'force://PlatformCLI::5Aep.x_=@x.my.salesforce.com' }
    expect(await flowOf({ ...authUrl, ...refresh, ...jwt, ...user, ...token })).toEqual([
      'access token',
      'access-token',
    ])
    expect(await flowOf({ ...authUrl, ...refresh, ...jwt, ...user, ...client })).toEqual(['JWT bearer', 'jwt'])
    expect(await flowOf({ ...authUrl, ...refresh, ...user, ...client })).toEqual(['refresh token', 'refresh-token'])
    expect(await flowOf({ ...authUrl, ...user, ...client })).toEqual(['SFDX auth URL', 'refresh-token'])
  })

  test.each([
    ['force://PlatformCLI::5Aep.x_=@x.my.salesforce.com', 'PlatformCLI', '', 'https://x.my.salesforce.com'],
    ['force://id:secret:5Aep@https://x.my.salesforce.com/', 'id', 'secret', 'https://x.my.salesforce.com'],
  ])('of an SFDX auth URL, %s, is that of a refresh token', async (SFDX_AUTH_URL, clientId, clientSecret, loginUrl) => {
    expect(await read({ SFDX_AUTH_URL })).toMatchObject({ login: { clientId, clientSecret, loginUrl } })
  })

  test('cannot be told from an SFDX auth URL that is none, which is not shown', async () => {
    await expect(read({ SFDX_AUTH_URL: 'force://s3cr3t' })).rejects.toMatchObject({
      code: 'AUTH_URL',
      exitCode: 2,
      message: expect.not.stringContaining('s3cr3t'),
    })
  })

  test.each([
    ['nowhere.pem', undefined, 'cannot be read'],
    ['key.pem', 'nonsense', 'is no PEM file'],
    ['key.pem', '-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n', 'holds a certificate or public key'],
    ['key.pem', '-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n', 'is damaged'],
    ['key.pem', lockedKey(), 'is locked with a password'],
    ['key.pem', ellipticKey(), 'holds a key of the kind ec'],
  ])('of JWT bearer says what is wrong with its key file: %s', async (name, text, what) => {
    const folder = await makeFolder()
    if (text !== undefined) await writeFile(join(folder, name), text)
    const environment = { SF_JWT_KEY_FILE: name, SF_CLIENT_ID: 'id', SF_USERNAME: 'ada' }
    await expect(readSettings({}, { environment, folder })).rejects.toMatchObject({
      code: 'JWT_KEY',
      exitCode: 2,
      message: expect.stringContaining(what),
    })
  })
})

describe('a connection that is half given', () => {
  test.each([
    [{ SF_USERNAME: 'ada' }, 'The connection lacks SF_PASSWORD (SOAP login); given: SF_USERNAME'],
    [
      { SF_PASSWORD: 'x', SF_SECURITY_TOKEN: 'y' },
      'The connection lacks SF_USERNAME (SOAP login); given: SF_PASSWORD, SF_SECURITY_TOKEN',
    ],
    [
      { SF_CLIENT_ID: 'id' },
      'The connection lacks SF_REFRESH_TOKEN (refresh token) or SF_CLIENT_SECRET (client credentials); given: SF_CLIENT_ID',
    ],
    [
      { SF_JWT_KEY_FILE: 'key.pem', SF_USERNAME: 'ada' },
      'The connection lacks SF_CLIENT_ID (JWT bearer); given: SF_JWT_KEY_FILE, SF_USERNAME',
    ],
    [{ SF_REFRESH_TOKEN: 'r' }, 'The connection lacks SF_CLIENT_ID (refresh token); given: SF_REFRESH_TOKEN'],
    [
      { ...client, SF_USERNAME: 'ada' },
      'The connection lacks SF_PASSWORD (OAuth username-password); given: SF_CLIENT_ID, SF_CLIENT_SECRET, SF_USERNAME',
    ],
    [
      { SF_ACCESS_TOKEN: 'x', SF_USERNAME: 'ada' },
      'The connection lacks SF_INSTANCE_URL (access token) or SF_PASSWORD (SOAP login); given: SF_ACCESS_TOKEN, SF_USERNAME',
    ],
    [
      { SF_INSTANCE_URL: 'x.my.salesforce.com' },
      'The connection lacks SF_ACCESS_TOKEN (access token); given: SF_INSTANCE_URL',
    ],
    [{ ...user, SF_PASSWORD: '' }, 'The connection lacks SF_PASSWORD (SOAP login); given: SF_USERNAME'],
  ])('names what is missing: %o', async (environment, message) => {
    const failure = await read(environment).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure).toMatchObject({ message, code: 'CONNECTION_INCOMPLETE', exitCode: 2 })
  })

  test('to nothing at all names the choices', async () => {
    const failure = await read({ SF_LOGIN_URL: 'https://test.salesforce.com', PATH: '/bin' }).catch(
      (error: unknown) => error,
    )
    expect(failure).toMatchObject({ code: 'NO_ORG', exitCode: 2, hint: expect.stringContaining('--target-org local') })
    expect(failure).toMatchObject({ hint: expect.stringContaining('SF_USERNAME SF_PASSWORD (SOAP login)') })
  })

  test('by a name that no program could have given is refused, even with a login in the environment', async () => {
    await expect(read({ ...user }, { targetOrg: 'my prod' })).rejects.toMatchObject({
      code: 'UNKNOWN_ORG',
      exitCode: 2,
    })
  })
})

describe('the .env file', () => {
  test('fills in what the environment leaves open, and process.env stays as it was', async () => {
    const before = { ...process.env }
    const target = await read({ SF_PASSWORD: 'from environment' }, {}, 'SF_USERNAME=ada\nSF_PASSWORD=from file\n')
    expect(target).toMatchObject({ login: { flow: 'soap', username: 'ada', password: 'from environment' } })
    expect(target.origin).toMatch(/^SOAP login: SF_USERNAME \(.*\.env\), SF_PASSWORD \(environment\)$/)
    expect(process.env).toEqual(before)
  })

  test('is hidden by an empty variable of the environment', async () => {
    const file = 'SF_USERNAME=ada\nSF_PASSWORD=x\nSF_CLIENT_ID=id\nSF_CLIENT_SECRET=shh\n'
    expect(await read({ SF_CLIENT_ID: '' }, {}, file)).toMatchObject({ login: { flow: 'soap' } })
  })

  test('with an unquoted # in a password is refused instead of cutting the password short', async () => {
    const failure = read({}, {}, "SF_USERNAME='ada#1' # fine\nSF_PASSWORD=abc#def\n")
    await expect(failure).rejects.toMatchObject({
      code: 'ENV_FILE',
      exitCode: 2,
      message: expect.not.stringContaining('abc'),
    })
    expect(await read({}, {}, "SF_USERNAME='ada#1' # fine\nSF_PASSWORD='abc#def'\nOTHER=a#b")).toMatchObject({
      login: { username: 'ada#1', password: 'abc#def' },
    })
  })

  test.each([
    'SF_PASSWORD hush',
    'export SF_PASSWORD   hush',
    'SF_PASSWORD:hush',
  ])('with the line %j is refused instead of passing it over', async (line) => {
    await expect(read({}, {}, `SF_USERNAME=ada\n${line}\n`)).rejects.toMatchObject({
      code: 'ENV_FILE',
      exitCode: 2,
      message: expect.stringMatching(/\.env names SF_PASSWORD without =, so that it has no value$/),
    })
  })

  test('may have lines of other programs, comments, blanks around = and colons in its place', async () => {
    const file = 'OTHER thing\n# SF_PASSWORD x\nexport SF_USERNAME = ada\nSF_PASSWORD: hush\nSF_CLIENT_ID # none\n'
    expect(await read({}, {}, file)).toMatchObject({ login: { flow: 'soap', username: 'ada', password: 'hush' } })
  })

  test('may be a folder that belongs to something else', async () => {
    const folder = await makeFolder()
    await mkdir(join(folder, '.env'))
    expect(await readSettings({}, { environment: user, folder })).toMatchObject({ login: { flow: 'soap' } })
  })
})

describe('the address of a host', () => {
  const login = async (SF_LOGIN_URL: string) => {
    const target = await read({ ...user, SF_LOGIN_URL })
    return target.kind === 'remote' && 'loginUrl' in target.login ? target.login.loginUrl : undefined
  }

  test.each([
    ['https://x.my.salesforce.com/', 'https://x.my.salesforce.com'],
    ['x--uat.sandbox.my.salesforce.com', 'https://x--uat.sandbox.my.salesforce.com'],
    ['https://x.lightning.force.com/lightning/page/home', 'https://x.my.salesforce.com'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://127.9.9.9', 'http://127.9.9.9'],
    ['http://localhost:1/', 'http://localhost:1'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ])('%s is taken as %s', async (given, taken) => {
    expect(await login(given)).toBe(taken)
  })

  test.each([
    ['http://login.salesforce.com', 'PLAIN_HTTP'],
    ['http://127.0.0.1.example.com', 'PLAIN_HTTP'],
    ['http://localhost.example.com', 'PLAIN_HTTP'],
    ['ftp://x.my.salesforce.com', 'PLAIN_HTTP'],
    ['https://ada:secret@x.my.salesforce.com', 'HOST_URL'],
    ['https://x y', 'HOST_URL'],
  ])('%s is refused', async (given, code) => {
    const failure = await login(given).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code, exitCode: 2, message: expect.stringContaining('SF_LOGIN_URL') })
    expect(String(failure)).not.toContain('secret@')
  })
})

test.each(['66', '66.0', 'v66.0', ' 66 '])('the API version may be written %s', async (apiVersion) => {
  expect(await read({ ...user, SF_API_VERSION: '50' }, { apiVersion })).toMatchObject({ apiVersion: '66.0' })
})

test.each(['66.5', 'latest', '1e3', '-1'])('%s is no API version', async (apiVersion) => {
  await expect(read({ ...user }, { apiVersion })).rejects.toMatchObject({ code: 'API_VERSION', exitCode: 2 })
})

describe('the folder of run records', () => {
  test('is SFBULK_HOME, made for its owner alone', async () => {
    const folder = join(await makeFolder(), 'a', 'home')
    expect(sfbulkHome({ SFBULK_HOME: folder })).toBe(folder)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  test.each([
    ['linux', {}, '.local/state/sfbulk'],
    ['linux', { XDG_STATE_HOME: 'state' }, 'state/sfbulk'],
    ['darwin', {}, 'Library/Application Support/sfbulk'],
    ['win32', { LOCALAPPDATA: 'Local' }, 'Local/sfbulk'],
  ] as const)('is where %s keeps such things, %o', async (platform, variables, expected) => {
    const home = await makeFolder()
    const placed = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, join(home, value)]))
    expect(sfbulkHome({ HOME: home, ...placed }, platform)).toBe(join(home, expected))
  })

  test('is below the home folder that the system knows where HOME says nothing', () => {
    vi.stubEnv('HOME', '')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(sfbulkHomePath({ HOME: '' }, 'linux')).toBe(join(userInfo().homedir, '.local', 'state', 'sfbulk'))
  })

  test('that cannot be made is a usage error', async () => {
    const folder = await makeFolder('')
    expect(() => sfbulkHome({ SFBULK_HOME: join(folder, '.env', 'x') })).toThrow(UsageError)
  })

  test.runIf(process.platform === 'linux')('that the system does not take is one, too', () => {
    expect(() => sfbulkHome({ SFBULK_HOME: '/proc/nowhere/sfbulk' })).toThrow(/cannot be made: ENOENT/)
  })
})

function lockedKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return String(privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }))
}

function ellipticKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
}
