import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { run, start } from '../support/run.ts'

const keys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(keys.privateKey.export({ type: 'pkcs8', format: 'pem' }))

type Variables = Readonly<Record<string, string>>

/** Every flow that variables can say, with the secrets that it sends or gets. */
const flows: readonly (readonly [string, (org: TestOrg) => Variables])[] = [
  ['access token', (org) => ({ SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url })],
  ['JWT bearer', (org) => ({ SF_CLIENT_ID: org.clientId, SF_USERNAME: org.username, SF_JWT_KEY_FILE: 'app.key' })],
  ['refresh token', (org) => ({ SF_CLIENT_ID: org.clientId, SF_REFRESH_TOKEN: org.refreshToken })],
  ['SFDX auth URL', (org) => ({ SFDX_AUTH_URL: `force://${org.clientId}::${org.refreshToken}@${org.url}` })],
  ['username-password', (org) => ({ ...user(org), SF_CLIENT_ID: org.clientId, SF_CLIENT_SECRET: org.clientSecret })],
  ['client credentials', (org) => ({ SF_CLIENT_ID: org.clientId, SF_CLIENT_SECRET: org.clientSecret })],
  ['SOAP login', user],
]

function user(org: TestOrg): Variables {
  return { SF_USERNAME: org.username, SF_PASSWORD: org.password, SF_SECURITY_TOKEN: org.securityToken }
}

/** Sessions and refresh tokens are known by their beginnings. */
const secretsOf = ({ password, securityToken, clientSecret }: TestOrg) => [
  password,
  securityToken,
  clientSecret,
  '00DLc0000000001!',
  '00DLc0000000001%21',
  '5Aep861',
  'PRIVATE KEY',
  'eyJhbGciOi',
]

describe.each(flows)('of a login by %s', { timeout: 180_000 }, (flow, variables) => {
  test('no secret is printed or left on the disk, but in the file of saved connections, which is its owner’s', async () => {
    const org = await startTestOrg({
      rotateRefreshTokens: true,
      jwtCertificate: String(keys.publicKey.export({ type: 'spki', format: 'pem' })),
    })
    const env = { SF_LOGIN_URL: org.url, ...variables(org), HTTPS_PROXY: 'http://ada:pr0xy@127.0.0.1:9' }
    const files = { 'app.key': pem, 'a.csv': 'Name,ERP_Id__c\nAda,S1\n,S2\n' }
    const first = await run('login --alias prod -v --json', { env, files })
    const { cwd } = first
    const results = [first]
    const lines = ['upsert Account a.csv -i ERP_Id__c -v --json', 'query "SELECT Nme FROM Account" -v']
    // The others do not depend on the flow.
    if (flow === 'SOAP login') lines.push('upsert Account a.csv -i ERP_Id__c -v --api bulk', 'config', 'orgs', 'runs')
    for (const line of lines) results.push(await run(line, { cwd, env }))
    results.push(await run('login --check -v -o prod', { cwd }))
    results.push(await run('login --check -v', { cwd, env: { ...env, ...broken(env) } }))
    expect(results.map(({ code }) => code)).not.toContain(null)

    const printed = results.map(({ stdout, stderr }) => stdout + stderr).join('\n')
    for (const secret of [...secretsOf(org), 'pr0xy']) expect(printed).not.toContain(secret)
    const home = `${cwd}.home`
    expect(statSync(join(home, 'connections.json')).mode & 0o077).toBe(0)
    for (const path of listFiles(home).concat(listFiles(cwd))) {
      if (/connections\.json$|app\.key$/.test(path)) continue
      const text = readFileSync(path, 'latin1')
      for (const secret of [...secretsOf(org), 'pr0xy']) expect(text, path).not.toContain(secret)
    }
  })
})

/** The same login with each secret spoilt, so that it is refused. */
function broken(env: Variables): Variables {
  const secret = /TOKEN|SECRET|PASSWORD/
  return Object.fromEntries(
    Object.entries(env)
      .filter(([name]) => secret.test(name))
      .map(([name, text]) => [name, `${text}x`]),
  )
}

function listFiles(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
}

test.skipIf(process.platform !== 'linux')('the process list shows no secret', async () => {
  const org = await startTestOrg({ faults: [{ path: '/services/Soap', delayMs: 3_000 }] })
  const { child } = await start('limits', { env: { SF_LOGIN_URL: org.url, ...user(org) } })
  const ended = new Promise((resolve) => child.on('close', resolve))
  await expect.poll(() => org.faults.states()[0]?.fired, { timeout: 30_000 }).toBe(1)
  const shown = execFileSync('ps', ['-o', 'args=', '-p', String(child.pid)], { encoding: 'utf8' })
  expect(shown).toContain('limits')
  for (const secret of secretsOf(org)) expect(shown).not.toContain(secret)
  await ended
})
