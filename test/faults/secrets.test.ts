import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, type RunResult, start } from '../support/run.ts'

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

/** The environment of each flow, with what of it is secret. */
function flowsOf(org: TestOrg, keyFile: string): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const { url, username, password, securityToken, clientId, clientSecret, accessToken, refreshToken } = org
  const user = { SF_LOGIN_URL: url, SF_USERNAME: username, SF_PASSWORD: password, SF_SECURITY_TOKEN: securityToken }
  const app = { SF_LOGIN_URL: url, SF_CLIENT_ID: clientId, SF_CLIENT_SECRET: clientSecret }
  return {
    'an access token': { SF_INSTANCE_URL: url, SF_ACCESS_TOKEN: accessToken },
    'JWT bearer': { SF_LOGIN_URL: url, SF_CLIENT_ID: clientId, SF_USERNAME: username, SF_JWT_KEY_FILE: keyFile },
    'a refresh token': { ...app, SF_REFRESH_TOKEN: refreshToken },
    'OAuth password': { ...app, ...user },
    'client credentials': app,
    'SOAP login': user,
  }
}

type Environment = Readonly<Record<string, string>>

/** Answers that repeat what was sent to them, as gateways do. */
const gossip = (env: Environment): Partial<Fault> => {
  const secrets = ['SF_ACCESS_TOKEN', 'SF_REFRESH_TOKEN', 'SF_CLIENT_SECRET', 'SF_PASSWORD', 'SF_SECURITY_TOKEN']
  const message = secrets.map((name) => env[name] ?? '').join(' ')
  return { status: 500, body: [{ errorCode: 'GATEWAY', message }], times: 1000 }
}

const situations: Readonly<Record<string, (env: Environment) => readonly Fault[]>> = {
  'a run that succeeds': () => [],
  'a run whose session expires': () => [{ path: '/services/data/v', nth: 2, sessionExpired: true }],
  'a run whose requests fail': (env) => [{ ...gossip(env), path: '/(jobs|Soap/u/66)' }],
}

describe('secrets', () => {
  it.each(Object.keys(situations))('are nowhere in what is left of %s, by any flow', async (situation) => {
    const flows = Object.keys(flowsOf(await openOrg(), ''))
    await Promise.all(flows.map((flow) => expectNoSecrets(flow, situations[situation]!)))
  })

  it('are nowhere in what is left of a login that is refused', async () => {
    const org = await openOrg()
    const wrong = { SF_PASSWORD: 'Wr0ng-pass', SF_CLIENT_SECRET: 'Wr0ngSecret', SF_REFRESH_TOKEN: 'Wr0ngRefresh' }
    const flows = Object.entries(flowsOf(org, writeKey(org))).filter(([flow]) => flow !== 'JWT bearer')
    for (const [flow, env] of flows.slice(1)) {
      const given = Object.fromEntries(
        Object.entries(env).map(([name, value]) => [name, wrong[name as keyof typeof wrong] ?? value]),
      )
      const left = await leave(given)
      expect(left.code, flow).toBe(4)
      for (const secret of [...Object.values(wrong), org.securityToken]) expect(left.text, flow).not.toContain(secret)
    }
  })
})

const openOrg = () => startTestOrg({ jwtCertificate: pair.publicKey })

function writeKey({ data }: TestOrg): string {
  const file = `${data}.key`
  writeFileSync(file, pair.privateKey, { mode: 0o600 })
  return file
}

async function expectNoSecrets(flow: string, faultsOf: (env: Environment) => readonly Fault[]): Promise<void> {
  const org = await openOrg()
  const env = flowsOf(org, writeKey(org))[flow]!
  org.faults.add(faultsOf(env))
  const left = await leave(env)
  expect(left.text.length, flow).toBeGreaterThan(500)
  const { password, securityToken, clientSecret, accessToken, refreshToken } = org
  const keyLines = pair.privateKey.split('\n').slice(1, 4)
  for (const secret of [password, securityToken, clientSecret, accessToken, refreshToken, ...keyLines]) {
    expect(left.text.includes(secret) ? `${flow}: ${excerpt(left.text, secret)}` : '').toBe('')
  }
  // Tokens of sessions that were opened on the way.
  expect(/00D\w{12,15}(!|%21)[\w.]{8}/.exec(left.text)?.[0], flow).toBeUndefined()
}

const excerpt = (text: string, secret: string) => {
  const at = text.indexOf(secret)
  return text.slice(Math.max(0, at - 200), at + secret.length)
}

interface Left {
  readonly code: number | null
  /** All that the process said, its command line while it ran, and every file that there is afterwards. */
  readonly text: string
}

async function leave(env: Environment): Promise<Left> {
  const cwd = privateFolder()
  const names = Array.from({ length: 30 }, (_, i) => `Name ${i}\n`).join('')
  const files = { 'a.csv': `Name\n${names}""\n` }
  const { child } = await start('insert Account a.csv --api bulk -v --json', { cwd, files, env })
  child.stdin?.end('')
  const said: Buffer[] = []
  child.stdout?.on('data', (piece) => said.push(piece))
  child.stderr?.on('data', (piece) => said.push(piece))
  const command = readCommandLine(child.pid)
  const code = await new Promise<RunResult['code']>((resolve) => child.on('close', resolve))
  return {
    code,
    text: [command, Buffer.concat(said).toString(), ...readAll(cwd), ...readAll(`${cwd}.home`)].join('\n'),
  }
}

/** Empty where the system does not tell. Source: proc(5). */
function readCommandLine(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function readAll(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return names.flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isFile() ? [`${name}\n${readFileSync(path, 'utf8')}`] : []
  })
}
