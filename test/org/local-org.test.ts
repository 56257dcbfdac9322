import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/connections/read-settings.ts'
import { connect } from '../../src/org/connect.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { fakeTools } from './dialogue.ts'

/** Connects as the program does: by the variables of the environment, here with their own names and values. */
async function connectBy(org: TestOrg, variables: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'connect-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const target = await readSettings({}, { environment: { SF_LOGIN_URL: org.url, ...variables }, folder })
  if (target.kind === 'local') throw new Error('the variables name the local org')
  const tools = fakeTools()
  return { org: await connect(target, {}, tools), tools }
}

const user = ({ username, password, securityToken }: TestOrg) => ({
  SF_USERNAME: username,
  SF_PASSWORD: password,
  SF_SECURITY_TOKEN: securityToken,
})

const client = ({ clientId, clientSecret }: TestOrg) => ({ SF_CLIENT_ID: clientId, SF_CLIENT_SECRET: clientSecret })

const flows = [
  ['SOAP login', user],
  ['OAuth username-password', (local: TestOrg) => ({ ...user(local), ...client(local) })],
  ['client credentials', client],
] as const

describe.each(flows)('%s', (title, variables) => {
  test('leads to an org that answers, and what it costs is what the org counts', async () => {
    const local = await startTestOrg()
    const { org, tools } = await connectBy(local, variables(local))
    expect(org).toMatchObject({ instanceUrl: local.url, apiVersion: '66.0' })
    expect(await org.describe('account')).toMatchObject({ name: 'Account' })
    await expect(org.describe('Acount')).rejects.toMatchObject({
      hint: expect.stringContaining('Did you mean Account'),
    })
    expect(org.usage.apiCalls).toBe(3)
    expect(local.countedCalls()).toBe(3)
    const log = tools.lines.join('\n')
    for (const secret of [local.password, local.securityToken, local.clientSecret]) expect(log).not.toContain(secret)
  })

  test('is repeated for a session that expires, again and again, under parallel requests', async () => {
    const local = await startTestOrg()
    const { org } = await connectBy(local, variables(local))
    local.faults.add([
      { path: '/limits', nth: 3, sessionExpired: true },
      { path: '/limits', nth: 30, sessionExpired: true },
    ])
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => org.send({ method: 'GET', path: 'limits' })))
      expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    }
    const logins = local.count('POST', title === 'SOAP login' ? /^\/services\/Soap/ : /^\/services\/oauth2\/token/)
    expect(logins).toBeGreaterThanOrEqual(2)
    expect(logins).toBeLessThanOrEqual(3)
  })
})

test('an access token works until it expires, and then the message says why nothing can be done', async () => {
  const local = await startTestOrg()
  const { org } = await connectBy(local, { SF_ACCESS_TOKEN: local.accessToken, SF_INSTANCE_URL: local.url })
  expect((await org.send({ method: 'GET', path: 'limits' })).status).toBe(200)
  local.faults.add([{ path: '/limits', sessionExpired: true }])
  await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringContaining('cannot be renewed'),
    hint: expect.stringContaining('SF_ACCESS_TOKEN'),
  })
})

test.each([
  ['SOAP login', user, { SF_PASSWORD: 'n0t-the-password' }, 'INVALID_LOGIN'],
  ['OAuth username-password', flows[1][1], { SF_PASSWORD: 'n0t-the-password' }, 'invalid_grant'],
  ['client credentials', client, { SF_CLIENT_SECRET: 'n0t-the-secret' }, expect.stringMatching(/^invalid_/)],
])('%s with a wrong secret is refused at the first try, without showing it', async (_, variables, wrong, code) => {
  const local = await startTestOrg()
  const failure = await connectBy(local, { ...variables(local), ...wrong }).catch((error: unknown) => error)
  expect(failure).toMatchObject({ exitCode: 4, code, hint: expect.stringContaining('SF_') })
  expect(JSON.stringify(failure) + String(failure)).not.toContain('n0t-the')
  expect(local.requests).toHaveLength(1)
})

test('an access token that was never valid ends at the first request', async () => {
  const local = await startTestOrg()
  const { org } = await connectBy(local, { SF_ACCESS_TOKEN: '00D000000000000!x', SF_INSTANCE_URL: local.url })
  await expect(org.send({ method: 'GET', path: 'limits' })).rejects.toMatchObject({
    exitCode: 4,
    code: 'INVALID_SESSION_ID',
  })
})

test('passing faults of every kind leave no trace but the calls', async () => {
  const local = await startTestOrg({
    faults: [
      { path: '/describe', status: 503, body: '<html>maintenance</html>' },
      { path: '/describe', nth: 2, drop: 'before' },
      { path: '/describe', nth: 3, drop: 'after' },
      { path: '/describe', nth: 4, cutBody: 1_000 },
    ],
  })
  const { org } = await connectBy(local, user(local))
  expect((await org.describe('Contact')).fields.length).toBeGreaterThan(5)
  expect(org.usage.apiCalls).toBe(5)
})

test('the limit of the day ends with exit code 5', async () => {
  const local = await startTestOrg({ dailyApiRequests: 2 })
  const { org } = await connectBy(local, user(local))
  await org.describe('Contact')
  await org.describe('Account')
  await expect(org.describe('Lead')).rejects.toMatchObject({ code: 'REQUEST_LIMIT_EXCEEDED', exitCode: 5 })
  expect(org.usage.orgCalls).toMatchObject({ max: 2 })
})

test('a version that the org does not have is refused before anything is done', async () => {
  const local = await startTestOrg()
  await expect(connectBy(local, { ...user(local), SF_API_VERSION: '12.0' })).rejects.toMatchObject({
    code: 'API_VERSION',
    exitCode: 2,
  })
})
