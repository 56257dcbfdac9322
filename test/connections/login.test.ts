import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'
import { missingTerminal, showInTerminal } from '../support/terminal.ts'

const byPassword = (org: TestOrg) => ({
  SF_LOGIN_URL: org.url,
  SF_USERNAME: org.username,
  SF_PASSWORD: org.password,
  SF_SECURITY_TOKEN: org.securityToken,
})

const secretsOf = (org: TestOrg) => [
  org.password,
  org.securityToken,
  org.clientSecret,
  org.refreshToken,
  '00DLc',
  '5Aep',
]

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What a person does on the page to which `address` leads. Gives where the browser is sent. */
async function decide(org: TestOrg, address: string, decision = 'allow'): Promise<string> {
  const page = new URL(address)
  const body = new URLSearchParams(page.search)
  for (const [name, value] of Object.entries({ username: org.username, password: org.password, decision })) {
    body.set(name, value)
  }
  const answer = await fetch(`${page.origin}${page.pathname}`, { method: 'POST', body, redirect: 'manual' })
  return answer.headers.get('location') ?? ''
}

describe('sfbulk login', () => {
  test('saves the login of the environment under an alias, which then needs no environment', async () => {
    const org = await startTestOrg()
    const saved = await run('login --alias prod --protected --json', { env: byPassword(org) })
    expect(saved.code).toBe(0)
    expect(JSON.parse(saved.stdout)).toEqual({
      alias: 'prod',
      username: org.username,
      organizationId: '00DLc0000000001MAA',
      instanceUrl: org.url,
      login: 'SOAP login',
      protected: true,
      secretsIn: 'file',
      file: `${saved.cwd}.home/connections.json`,
    })
    expect(saved.stderr).toContain('this login has an end: Salesforce serves it until Summer ’27')
    expect(statSync(`${saved.cwd}.home/connections.json`).mode & 0o777).toBe(0o600)

    const { cwd } = saved
    expect((await run('limits --json -o prod', { cwd })).code).toBe(0)
    expect((await run('limits --json', { cwd, env: { SF_TARGET_ORG: 'prod' } })).code).toBe(0)
    const listed = await run('orgs', { cwd })
    expect(listed.stdout).toMatch(/^prod {3}.*SOAP login {2}protected$/m)
    const json = await run('orgs --json', { cwd })
    expect(JSON.parse(json.stdout).orgs).toMatchObject([{ alias: 'prod', protected: true }])
    const tab = await run('complete -- limits -o ""', { cwd })
    expect(tab.stdout).toContain('prod')
    for (const secret of secretsOf(org)) {
      for (const text of [saved.stdout, saved.stderr, listed.stdout, json.stdout]) {
        if (secret !== '00DLc') expect(text).not.toContain(secret)
      }
    }
  })

  test('saves nothing that does not work', async () => {
    const org = await startTestOrg()
    const { code, stderr, cwd } = await run('login --alias prod', { env: { ...byPassword(org), SF_PASSWORD: 'wrong' } })
    expect(code).toBe(4)
    expect(stderr).toContain('INVALID_LOGIN')
    expect((await run('orgs', { cwd })).stdout).toBe('')
  })

  test.each([
    [200, 0],
    [401, 4],
  ])('tries the session where the org does not say who it is: %i', async (status, code) => {
    const body = status === 200 ? {} : [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]
    const faults = [
      { path: 'userinfo', status: 403, body: { error: 'bad_oauth_token', error_description: 'no scope' } },
      { path: '/services/data/v66.0/$', status, body },
    ]
    const org = await startTestOrg({ faults })
    const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    const result = await run('login --alias prod', { env })
    expect(result.code).toBe(code)
    const { orgs } = JSON.parse((await run('orgs --json', { cwd: result.cwd })).stdout)
    expect(orgs.map(({ username }: { username: string }) => username)).toEqual(
      code === 0 ? [new URL(org.url).host] : [],
    )
  })

  test('reads variables from standard input and takes the user name as alias', async () => {
    const org = await startTestOrg()
    const stdin = `SFDX_AUTH_URL='force://${org.clientId}:${org.clientSecret}:${org.refreshToken}@${org.url}'\nOTHER=1\n`
    const { code, cwd, stderr } = await run('login --stdin', { stdin })
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(`saved as ${org.username}`) })
    expect((await run(`limits -o ${org.username} --json`, { cwd })).code).toBe(0)
  })

  test('finds the key file of a saved JWT login from every folder', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const org = await startTestOrg({ jwtCertificate: String(publicKey.export({ type: 'spki', format: 'pem' })) })
    const env = {
      SF_LOGIN_URL: org.url,
      SF_CLIENT_ID: org.clientId,
      SF_USERNAME: org.username,
      SF_JWT_KEY_FILE: 'a.key',
    }
    const files = { 'a.key': String(privateKey.export({ type: 'pkcs8', format: 'pem' })) }
    const saved = await run('login --alias ci', { env, files })
    expect(saved.code).toBe(0)
    const elsewhere = { SFBULK_HOME: `${saved.cwd}.home` }
    expect((await run('limits -o ci --json', { env: elsewhere })).code).toBe(0)
  })

  test.each([
    ['login', {}, /Nothing says how to log in[\s\S]*--web[\s\S]*--username[\s\S]*--stdin/],
    ['login --alias local', {}, /"local" cannot be an alias/],
    ['login --alias "my org"', {}, /"my org" cannot be an alias/],
    ['login --username ada@example.com', {}, /no terminal to ask on[\s\S]*SF_PASSWORD/],
    ['login --web', {}, /consumer key is missing[\s\S]*External Client App/],
    ['login', { SF_USERNAME: 'ada' }, /lacks SF_PASSWORD/],
    ['logout nobody', {}, /No connection is named "nobody"/],
  ])('%s with %o is a usage error that says how to go on', async (line, env, message) => {
    const { code, stderr } = await run(line, { env })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })
})

/** What the files of a folder hold, but one. */
function readOtherFiles(folder: string, but: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name !== but)
  const files = names.map((name) => join(folder, name)).filter((path) => statSync(path).isFile())
  return files.map((path) => readFileSync(path, 'latin1'))
}

describe('sfbulk login in a browser', () => {
  async function startLogin(flags = '--no-browser', env: Record<string, string> = {}) {
    const port = await freePort()
    const org = await startTestOrg({ callbackUrl: `http://localhost:${port}/OauthRedirect`, rotateRefreshTokens: true })
    const line = `login --alias web -r ${org.url} --client-id ${org.clientId} --callback-port ${port} ${flags}`
    const { child, cwd } = await start(line, { env })
    child.stdin?.end()
    let stderr = ''
    const page = new Promise<string>((resolve) => {
      child.stderr?.on('data', (piece: Buffer) => {
        stderr += piece
        const address = /log in here: (\S+)/.exec(stderr)?.[1]
        if (address !== undefined) resolve(address)
      })
    })
    const ended = new Promise<{ code: number | null; stderr: string }>((resolve) =>
      child.on('close', (code) => resolve({ code, stderr })),
    )
    return { org, cwd, port, page, ended }
  }

  test('keeps the refresh token, which rotates from run to run, and revokes it at the end', async () => {
    const { org, cwd, page, ended } = await startLogin()
    const address = new URL(await page)
    expect(Object.fromEntries(address.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'api refresh_token',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(await (await fetch(await decide(org, address.href))).text()).toContain('You are logged in')
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('by browser') })

    const runs = await Promise.all([1, 2, 3].map(() => run('limits --json -o web', { cwd })))
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(Array(3).fill({ code: 0, stderr: '' }))
    const stored = JSON.parse(readFileSync(`${cwd}.home/connections.json`, 'utf8')) as {
      rotated: Record<string, string>
    }
    const [newest = ''] = Object.values(stored.rotated)
    const told = [(await ended).stderr, ...runs.flatMap(({ stdout, stderr }) => [stdout, stderr])]
    const left = [cwd, `${cwd}.home`].flatMap((folder) => readOtherFiles(folder, 'connections.json'))
    expect(newest).toMatch(/^5Aep/)
    for (const text of [...told, ...left]) expect(text).not.toMatch(/5Aep|Bearer|code_verifier=|[?&]code=/)
    for (const text of [...told, ...left]) expect(text).not.toContain(org.accessToken)
    expect(statSync(`${cwd}.home/connections.json`).mode & 0o777).toBe(0o600)

    expect((await run('logout web', { cwd })).stderr).toContain('web is forgotten, and its token revoked')
    expect(readFileSync(`${cwd}.home/connections.json`, 'utf8')).not.toContain('5Aep')
    const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: org.clientId, refresh_token: newest })
    expect((await fetch(`${org.url}/services/oauth2/token`, { method: 'POST', body })).status).toBe(400)
  })

  test('does not believe an answer without its state', async () => {
    const { org, port, page, ended } = await startLogin()
    await page
    const forged = await fetch(`http://localhost:${port}/OauthRedirect?code=stolen&state=guessed`)
    expect(forged.status).toBe(400)
    expect((await fetch(`http://localhost:${port}/favicon.ico`)).status).toBe(404)
    // What is no address at all, as those send who look for open ports.
    expect((await fetch(`http://localhost:${port}//`)).status).toBe(404)
    expect(org.count('POST', /token/)).toBe(0)
    await fetch(await decide(org, await page))
    expect((await ended).code).toBe(0)
  })

  test('that is denied ends with exit code 4', async () => {
    const { org, page, ended } = await startLogin()
    await fetch(await decide(org, await page, 'deny'))
    expect(await ended).toMatchObject({ code: 4, stderr: expect.stringContaining('access_denied: end-user denied') })
  })

  test.skipIf(process.platform !== 'linux')('opens the browser of the system', async () => {
    const bin = join(privateFolder(), 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'xdg-open'), '#!/bin/sh\necho "$1" > "$(dirname "$0")/opened"\n')
    chmodSync(join(bin, 'xdg-open'), 0o755)
    const { org, page, ended } = await startLogin('', { PATH: `${bin}:${process.env.PATH}` })
    await fetch(await decide(org, await page))
    expect((await ended).code).toBe(0)
    expect(readFileSync(join(bin, 'opened'), 'utf8').trim()).toBe(await page)
  })

  test('at a port that is taken says how to go on', async () => {
    const { cwd, port, page, org, ended } = await startLogin()
    await page
    const second = await run(`login -r ${org.url} --client-id x --callback-port ${port} --no-browser`, { cwd })
    expect(second).toMatchObject({ code: 2, stderr: expect.stringContaining('--callback-port') })
    await fetch(await decide(org, await page))
    await ended
  })
})

test.skipIf(missingTerminal !== undefined)('a password is asked for without showing it', async () => {
  const org = await startTestOrg()
  const { raw } = await showInTerminal(`sfbulk login --username ${org.username} -r ${org.url}`, {
    columns: 80,
    cwd: privateFolder(),
    typed: [
      ['password: ', `${org.password}\r`],
      ['trusted): ', `${org.securityToken}\r`],
    ],
  })
  expect(raw).toContain(`logged in as ${org.username}`)
  expect(raw).not.toContain(org.password)
  expect(raw).not.toContain(org.securityToken)
})
