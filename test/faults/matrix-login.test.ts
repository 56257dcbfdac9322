import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSettings } from '../../src/connections/read-settings.ts'
import type { Fault } from '../../src/local-org/faults.ts'
import { connect } from '../../src/org/connect.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { faultKinds } from './fault-kinds.ts'
import { hastyTools } from './fault-org.ts'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** Longer than the org ever takes to log somebody in. */
const hangSilence = 1_000

/** The environment of each way to log in that makes requests. */
const flows: Readonly<Record<string, (org: TestOrg) => Readonly<Record<string, string>>>> = {
  'SOAP login': ({ username, password, securityToken }) => ({
    SF_USERNAME: username,
    SF_PASSWORD: password,
    SF_SECURITY_TOKEN: securityToken,
  }),
  'OAuth with a password': ({ username, password, securityToken, clientId, clientSecret }) => ({
    SF_USERNAME: username,
    SF_PASSWORD: password,
    SF_SECURITY_TOKEN: securityToken,
    SF_CLIENT_ID: clientId,
    SF_CLIENT_SECRET: clientSecret,
  }),
  'client credentials': ({ clientId, clientSecret }) => ({ SF_CLIENT_ID: clientId, SF_CLIENT_SECRET: clientSecret }),
  'a refresh token': ({ clientId, clientSecret, refreshToken }) => ({
    SF_CLIENT_ID: clientId,
    SF_CLIENT_SECRET: clientSecret,
    SF_REFRESH_TOKEN: refreshToken,
  }),
  'JWT bearer': ({ username, clientId }) => ({
    SF_USERNAME: username,
    SF_CLIENT_ID: clientId,
    SF_JWT_KEY_FILE: 'key.pem',
  }),
}

/** Logs in and works with the session; the requests that it took. */
async function logIn(flow: string, fault?: Fault) {
  const service = await startTestOrg({ jwtCertificate: keys.publicKey })
  if (fault !== undefined) service.faults.add([fault])
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-login-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'key.pem'), keys.privateKey)
  const environment = { SFBULK_HOME: folder, SF_LOGIN_URL: service.url, ...flows[flow]?.(service) }
  const target = await readSettings({}, { environment, folder })
  if (target.kind === 'local') throw new Error('the variables name the local org')
  const org = await connect(target, {}, hastyTools(fault?.hang === undefined ? 30_000 : hangSilence))
  onTestFinished(() => org.close())
  const { fields } = await org.describe('Account')
  const limits = await (await org.send({ method: 'GET', path: 'limits' })).json<Record<string, unknown>>()
  return { made: { fields: fields.length, limits: Object.keys(limits) }, requests: service.requests }
}

describe.each(Object.keys(flows))('a login by %s', (flow) => {
  it.each(Object.entries(faultKinds))('comes to the same in spite of %s in any of its requests', async (_, fault) => {
    const quiet = await logIn(flow)
    const requests = [...new Set(quiet.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`))]
    expect(requests.length).toBeGreaterThanOrEqual(3)
    // What follows the login is the same for all.
    const own = requests.filter((request) => flow === 'SOAP login' || /oauth2\/token|Soap/.test(request))
    expect(own).not.toEqual([])
    for (const request of own) {
      const [method = '', path = ''] = request.split(' ')
      const { made } = await logIn(flow, { ...fault, method, path: `^${path}($|\\?)` })
      expect(made, request).toEqual(quiet.made)
    }
  })
})
