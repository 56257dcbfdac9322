import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { run, start } from '../support/run.ts'

describe('org start', () => {
  it('serves the org to other programs, tells them how to log in, and ends with Ctrl-C', async () => {
    const { child, cwd } = await start('org start --data org.db --json', {})
    const [line] = await firstLines(child.stdout, 1)
    const connection = JSON.parse(line ?? '')
    expect(Object.keys(connection)).toEqual([
      'url',
      'username',
      'password',
      'securityToken',
      'accessToken',
      'clientId',
      'clientSecret',
    ])
    const { url, username, password, securityToken, accessToken, clientId, clientSecret } = connection
    const logins = [
      { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: url },
      { SF_LOGIN_URL: url, SF_USERNAME: username, SF_PASSWORD: password, SF_SECURITY_TOKEN: securityToken },
      { SF_LOGIN_URL: url, SF_CLIENT_ID: clientId, SF_CLIENT_SECRET: clientSecret },
    ]
    for (const env of logins) {
      const described = await run('describe Account --csv-template', { cwd, env })
      expect(described).toMatchObject({ code: 0, stderr: '' })
      expect(described.stdout).toContain('ERP_Id__c')
    }
    const denied = await run('limits', { cwd, env: { ...logins[1], SF_PASSWORD: 'wrong' } })
    expect(denied.code).toBe(4)
    expect(denied.stderr).not.toContain('wrong')

    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    expect(await ended).toBe(0)
  })

  it('refuses a port that is taken, and says so', async () => {
    const { child, cwd } = await start('org start --json', {})
    const [line] = await firstLines(child.stdout, 1)
    const { port } = new URL(JSON.parse(line ?? '').url)
    const second = await run(`org start --port ${port}`, { cwd })
    expect(second.code).toBeGreaterThan(0)
    expect(second.stderr).toContain(`port ${port} cannot be used`)
    expect(second.stderr).not.toContain('fault of the program')
  })
})

describe('the file of a local org', () => {
  it.each([
    ['org start --data no/such/folder/org.db', '--data points to a folder that does not exist'],
    ['org start --objects no/such/folder', '--objects points to a folder that does not exist'],
    ['org reset --data folder', '--data names a folder'],
    ['org start --data folder/text.txt', 'cannot be opened'],
    ['org reset --data folder/text.txt', 'cannot be opened'],
  ])('%s: exit 2, saying what is wrong', async (line, words) => {
    const { code, stderr } = await run(line, { files: { 'folder/text.txt': 'no database '.repeat(100) } })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) })
  })
})

describe('describe and limits', () => {
  it('print tables, and JSON for scripts', async () => {
    const { accessToken, url } = await startTestOrg()
    const env = { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: url }
    const lines = [
      'describe account',
      'describe Account --json',
      'describe',
      'describe --json',
      'limits',
      'limits --json',
      'describe Acount',
    ]
    const results = []
    for (const line of lines) results.push(await run(line, { env }))
    const [fields, object, objects, objectsJson, limits, limitsJson, unknown] = results
    expect(fields?.stdout).toMatch(/^Name +string +255 +yes +Account Name$/m)
    expect(JSON.parse(object?.stdout ?? '')).toMatchObject({ name: 'Account', keyPrefix: '001' })
    expect(objects?.stdout).toMatch(/^Invoice__c /m)
    const { sobjects } = JSON.parse(objectsJson?.stdout ?? '')
    expect(sobjects).toContainEqual(expect.objectContaining({ name: 'Account', keyPrefix: '001' }))
    expect(limits?.stdout).toMatch(/^DailyApiRequests /m)
    expect(JSON.parse(limitsJson?.stdout ?? '').DailyApiRequests).toMatchObject({ Max: expect.any(Number) })
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    expect(unknown?.stderr).toContain('Did you mean Account')
  })
})

async function firstLines(stream: NodeJS.ReadableStream | null, count: number): Promise<string[]> {
  const lines: string[] = []
  if (stream === null) return lines
  for await (const line of createInterface({ input: stream })) {
    lines.push(line)
    if (lines.length === count) break
  }
  return lines
}
