import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type CliAnswers, installFakeCli } from '../support/fake-salesforce-cli.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'

const redacted = "[REDACTED] Use 'sf org auth show-access-token' to view"

const display = (org: TestOrg, more: object) => ({
  'org display': {
    stdout: {
      status: 0,
      result: { id: '00D', instanceUrl: `${org.url}/`, username: org.username, connectedStatus: 'Connected', ...more },
      warnings: ['Secrets are now hidden'],
    },
  },
})

const failure = (name: string, message: string) => ({
  'org display': { stdout: { status: 1, name, message, exitCode: 1 }, code: 1 },
})

async function ask(answersOf: (org: TestOrg) => CliAnswers, line = 'limits --json -v -o mine') {
  const org = await startTestOrg()
  const cli = installFakeCli(answersOf(org), org)
  const result = await run(line, { env: { PATH: cli.path } })
  return { ...result, org, calls: cli.calls() }
}

describe('a login of the Salesforce CLI', () => {
  test('is asked for by the command that shows tokens since May 2026', async () => {
    const { code, stderr, calls } = await ask((org) => ({
      ...display(org, { accessToken: redacted }),
      'org auth show-access-token': { stdout: { status: 0, result: { accessToken: '{}' }, warnings: [] } },
    }))
    expect({ code, calls }).toEqual({
      code: 0,
      calls: ['org display --target-org mine --json', 'org auth show-access-token --target-org mine --json'],
    })
    expect(stderr).toContain('connecting by a login of the Salesforce CLI: mine')
    expect(stderr).not.toContain('00DLc')
  })

  test('is taken from where an older one shows it', async () => {
    const { code, calls } = await ask((org) => display(org, { accessToken: '{}', connectedStatus: undefined }))
    expect({ code, calls }).toEqual({ code: 0, calls: ['org display --target-org mine --json'] })
  })

  test('may be its default one', async () => {
    const { code, calls } = await ask((org) => display(org, { accessToken: '{}' }), 'limits -o sf:')
    expect({ code, calls }).toEqual({ code: 0, calls: ['org display --json'] })
  })

  test('is asked for again when the session expires', async () => {
    const org = await startTestOrg({ faults: [{ path: '/limits', sessionExpired: true }] })
    const cli = installFakeCli(display(org, { accessToken: '{}' }), org)
    const env = { PATH: cli.path, SF_TARGET_ORG: 'mine' }
    expect((await run('limits --json', { env })).code).toBe(0)
    expect(cli.calls()).toHaveLength(2)
  })

  test('that was saved here under the same alias is not asked for', async () => {
    const org = await startTestOrg()
    const cli = installFakeCli({}, org)
    const login = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    const { cwd } = await run('login --alias mine', { env: login })
    expect((await run('limits -o mine', { cwd, env: { PATH: cli.path } })).code).toBe(0)
    expect(cli.calls()).toEqual([])
  })

  test.each([
    [
      'has ended',
      (org: TestOrg) => display(org, { accessToken: redacted, connectedStatus: 'RefreshTokenAuthError' }),
      4,
      /has ended: RefreshTokenAuthError\n.*sf org login web --alias mine/,
    ],
    [
      'shows no token',
      (org: TestOrg) => display(org, { accessToken: redacted }),
      4,
      /shows no access token[\s\S]*sf update/,
    ],
    [
      'is not known',
      () => failure('NamedOrgNotFoundError', 'No authorization information found for mine.'),
      2,
      /No connection is named "mine"[\s\S]*has no login named "mine"[\s\S]*sfbulk orgs/,
    ],
    [
      'cannot be read',
      () => failure('GenericKeychainServiceError', 'The service is locked'),
      4,
      /gives no session for "mine": The service is locked[\s\S]*sf org display --target-org mine/,
    ],
    [
      'comes with a notice in place of JSON',
      () => ({ 'org display': { stdout: 'sf is updating' } }),
      1,
      /something other than JSON/,
    ],
  ])('that %s says so, and what to do', async (_, answersOf, code, message) => {
    const result = await ask(answersOf, 'limits -o mine')
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code, stderr: expect.stringMatching(message) })
  })

  test('that is the default and does not exist says how to choose one', async () => {
    const result = await ask(() => failure('NoDefaultEnvError', 'No default environment found.'), 'limits -o sf:')
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('sf config set target-org') })
  })

  test('without a Salesforce CLI is an unknown connection', async () => {
    const { code, stderr } = await run('limits -o lcal', { env: { PATH: dirname(process.execPath) } })
    expect(code).toBe(2)
    expect(stderr).toMatch(/No connection is named "lcal"[\s\S]*\(sf\) is not installed[\s\S]*Did you mean local/)
  })
})
