import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readSettings } from '../../src/connections/read-settings.ts'
import { tokenKey } from '../../src/connections/refresh-tokens.ts'
import { connect } from '../../src/org/connect.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { fakeTools } from './dialogue.ts'

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwtCertificate = String(keys.publicKey.export({ type: 'spki', format: 'pem' }))

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flows-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key.pem'), keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))
  return folder
}

/** Connects by variables alone; `ahead` is what this machine's clock is ahead of the org's. */
async function connectBy(org: TestOrg, folder: string, variables: Readonly<Record<string, string>>, ahead = 0) {
  const environment = { SFBULK_HOME: folder, SF_LOGIN_URL: org.url, SF_CLIENT_ID: org.clientId, ...variables }
  const target = await readSettings({}, { environment, folder })
  if (target.kind === 'local') throw new Error('the variables name the local org')
  const tools = { ...fakeTools(), now: () => Date.now() + ahead }
  return { org: await connect(target, {}, tools), tools }
}

const works = async (org: { send: Awaited<ReturnType<typeof connect>>['send'] }) =>
  (await org.send({ method: 'GET', path: 'limits' })).status

describe('JWT bearer', () => {
  const jwt = ({ username }: TestOrg) => ({ SF_JWT_KEY_FILE: 'key.pem', SF_USERNAME: username })

  test('logs in with an assertion that its key has signed, and again when the session expires', async () => {
    const local = await startTestOrg({ jwtCertificate })
    const { org } = await connectBy(local, await makeFolder(), jwt(local))
    local.faults.add([{ path: '/limits', sessionExpired: true }])
    expect(org).toMatchObject({ username: local.username, instanceUrl: local.url })
    expect(await works(org)).toBe(200)
    expect(local.count('POST', /oauth2\/token/)).toBe(2)
  })

  test.each([
    [
      'another key',
      {},
      0,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
      /certificate in the app does not belong/,
    ],
    [
      'a user whom nobody knows',
      { SF_USERNAME: 'nobody@example.com' },
      0,
      keys.publicKey,
      /Nobody has allowed the app/,
    ],
    ['another client', { SF_CLIENT_ID: '3MVG9x' }, 0, keys.publicKey, /Check SF_CLIENT_ID/],
    ['a clock that is late', {}, -700_000, keys.publicKey, /clock of this machine: it is 12 minutes behind/],
    ['a clock that is early', {}, 1_200_000, keys.publicKey, /clock of this machine: it is 20 minutes ahead of/],
  ])('with %s is refused and says what to do', async (_, variables, ahead, key, next) => {
    const local = await startTestOrg({ jwtCertificate: String(key.export({ type: 'spki', format: 'pem' })) })
    const folder = await makeFolder()
    await expect(connectBy(local, folder, { ...jwt(local), ...variables }, ahead)).rejects.toMatchObject({
      exitCode: 4,
      hint: expect.stringMatching(next),
    })
    expect(local.count('POST', /oauth2\/token/)).toBe(1)
  })

  test('at a host that is not its audience names the one that it was', async () => {
    const local = await startTestOrg({ jwtCertificate })
    const SF_LOGIN_URL = local.url.replace('127.0.0.1', 'localhost')
    await expect(connectBy(local, await makeFolder(), { ...jwt(local), SF_LOGIN_URL })).rejects.toMatchObject({
      hint: expect.stringContaining(`which was ${SF_LOGIN_URL}`),
    })
  })
})

describe('a refresh token', () => {
  test('logs in without a secret, and by an SFDX auth URL', async () => {
    const local = await startTestOrg()
    const folder = await makeFolder()
    const { org } = await connectBy(local, folder, { SF_REFRESH_TOKEN: local.refreshToken })
    expect(await works(org)).toBe(200)
    const SFDX_AUTH_URL = `force://${local.clientId}:${local.clientSecret}:${local.refreshToken}@${local.url}`
    const { org: again } = await connectBy(local, folder, { SFDX_AUTH_URL, SF_CLIENT_ID: '' })
    expect(await works(again)).toBe(200)
  })

  test('that was revoked says to log in again, and appears nowhere', async () => {
    const local = await startTestOrg()
    const failure = connectBy(local, await makeFolder(), { SF_REFRESH_TOKEN: '5Aep861revoked' })
    await expect(failure).rejects.toMatchObject({
      code: 'invalid_grant',
      exitCode: 4,
      message: expect.not.stringContaining('5Aep'),
      hint: expect.stringContaining('sfbulk login'),
    })
  })

  test('that is rotated is kept for the next run before it is used, readable by its owner alone', async () => {
    const local = await startTestOrg({ rotateRefreshTokens: true })
    const folder = await makeFolder()
    for (let run = 0; run < 3; run++) {
      const { org, tools } = await connectBy(local, folder, { SF_REFRESH_TOKEN: local.refreshToken })
      local.faults.add([{ path: '/limits', sessionExpired: true }])
      expect(await works(org)).toBe(200)
      expect(tools.lines.join('\n')).not.toContain('5Aep')
    }
    const path = join(folder, 'connections.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).not.toContain(local.refreshToken)
  })

  test('whose successor the org has forgotten is tried itself', async () => {
    const local = await startTestOrg()
    const folder = await makeFolder()
    const rotated = { [tokenKey(local.refreshToken)]: '5Aep861forgotten' }
    await writeFile(join(folder, 'connections.json'), JSON.stringify({ version: 1, connections: {}, rotated }))
    const { org } = await connectBy(local, folder, { SF_REFRESH_TOKEN: local.refreshToken })
    expect(await works(org)).toBe(200)
    expect(local.count('POST', /oauth2\/token/)).toBe(2)
  })

  test('that is rotated serves many logins at once, one after the other', async () => {
    const local = await startTestOrg({ rotateRefreshTokens: true })
    const folder = await makeFolder()
    const logins = await Promise.all(
      Array.from({ length: 8 }, () => connectBy(local, folder, { SF_REFRESH_TOKEN: local.refreshToken })),
    )
    expect(await Promise.all(logins.map(({ org }) => works(org)))).toEqual(Array(8).fill(200))
  })
})
