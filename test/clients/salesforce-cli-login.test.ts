import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOrg, startOrg } from '../../src/local-org/server.ts'
import { run } from '../support/run.ts'
import { cliCommand, cliEnvironment, missingCli, runCli } from './salesforce-cli.ts'

if (missingCli !== undefined) console.warn(`Skipped: ${missingCli}`)

describe('a login of the Salesforce CLI', { skip: missingCli !== undefined, timeout: 180_000 }, () => {
  let folder: string
  let org: LocalOrg

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfbulk-sf-login-'))
    mkdirSync(join(folder, 'home'))
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/sf'), `#!/bin/sh\nexec ${cliCommand.map((word) => `"${word}"`).join(' ')} "$@"\n`)
    chmodSync(join(folder, 'bin/sf'), 0o755)
    org = await startOrg({ data: join(folder, 'org.db'), speed: 'instant' })
    const words = ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--alias', 'mine']
    await runCli(folder, words, { SF_ACCESS_TOKEN: org.accessToken })
  })

  afterAll(async () => {
    await org.close()
    await rm(folder, { recursive: true, force: true })
  })

  it.each([
    ['its current way', {}, 2],
    ['its older way', { SF_TEMP_SHOW_SECRETS: 'true' }, 1],
  ])('is used by its alias, with %s of showing tokens', async (_, variables, calls) => {
    const { code, stdout, stderr } = await ask(
      'query "SELECT Username FROM User WHERE Alias = \'admin\'" -o mine -v',
      variables,
    )
    expect({ code, stdout }).toEqual({ code: 0, stdout: `"Username"\n"${org.username}"\n` })
    expect(stderr.match(/asking the Salesforce CLI/g)).toHaveLength(calls)
    expect(stderr).not.toContain(org.accessToken)
  })

  it('is used by its user name', async () => {
    expect((await ask(`limits --json -o ${org.username}`)).code).toBe(0)
  })

  it('that it does not have is an unknown connection', async () => {
    const { code, stderr } = await ask('limits -o nobody')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('has no login named "nobody"') })
  })

  it('that has ended says how to log in again', async () => {
    await fetch(`${org.url}/services/oauth2/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: org.accessToken }),
    })
    const { code, stderr } = await ask('limits -o mine')
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringContaining('sf org login web --alias mine') })
  })

  async function ask(line: string, variables: Readonly<Record<string, string>> = {}) {
    const { PATH: path, ...rest } = cliEnvironment(join(folder, 'home'))
    const env = Object.fromEntries(
      Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    return await run(line, { env: { ...env, PATH: [join(folder, 'bin'), path].join(delimiter), ...variables } })
  }
})
