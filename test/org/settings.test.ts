import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { readSettings, sfbulkHome } from '../../src/org/settings.ts'

async function makeFolder(envFile?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  if (envFile !== undefined) await writeFile(join(folder, '.env'), envFile)
  return folder
}

async function read(environment: Record<string, string>, flags = {}, envFile?: string) {
  return readSettings(flags, environment, await makeFolder(envFile))
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
    expect(await read(environment)).toEqual({
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

  test.each([
    [{ SF_JWT_KEY_FILE: 'key.pem', SF_CLIENT_ID: 'id', SF_USERNAME: 'ada' }, 'SF_JWT_KEY_FILE'],
    [{ SF_REFRESH_TOKEN: 'r', SF_CLIENT_ID: 'id', ...user }, 'SF_REFRESH_TOKEN'],
    [{ SF_REFRESH_TOKEN: 'r' }, 'SF_REFRESH_TOKEN'],
  ])('that is not offered is refused rather than passed over: %o', async (environment, variable) => {
    await expect(read(environment)).rejects.toMatchObject({
      code: 'FLOW_NOT_OFFERED',
      message: expect.stringContaining(variable),
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
    [{ SF_CLIENT_ID: 'id' }, 'The connection lacks SF_CLIENT_SECRET (client credentials); given: SF_CLIENT_ID'],
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

  test('by an alias that nobody saved is refused, even with a login in the environment', async () => {
    await expect(read({ ...user }, { targetOrg: 'prod' })).rejects.toMatchObject({ code: 'UNKNOWN_ORG', exitCode: 2 })
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

  test('may be a folder that belongs to something else', async () => {
    const folder = await makeFolder()
    await mkdir(join(folder, '.env'))
    expect(await readSettings({}, user, folder)).toMatchObject({ login: { flow: 'soap' } })
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

  test('that cannot be made is a usage error', async () => {
    const folder = await makeFolder('')
    expect(() => sfbulkHome({ SFBULK_HOME: join(folder, '.env', 'x') })).toThrow(UsageError)
  })
})
