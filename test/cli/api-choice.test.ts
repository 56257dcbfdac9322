import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

const contacts = (count: number) =>
  `LastName\n${Array.from({ length: count }, (_, row) => `Contact ${row}\n`).join('')}`

async function prepare(options: Parameters<typeof startTestOrg>[0] = {}) {
  const org = await startTestOrg(options)
  const cwd = privateFolder()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  const sfbulk = (line: string, files: Record<string, string> = {}) => run(line, { cwd, env, files })
  return { org, cwd, sfbulk }
}

/** The one file that is kept of descriptions by runs in this folder. */
async function findKept(cwd: string): Promise<string> {
  const folder = join(`${cwd}.home`, 'cache', 'describe')
  const names = await readdir(folder, { recursive: true })
  return join(folder, names.find((name) => name.endsWith('.json')) ?? '')
}

const describes = (org: TestOrg) => org.count('GET', /describe$/)

describe('the calls of a load', () => {
  it('are one for 200 contacts, once the org has described them', async () => {
    const { org, sfbulk } = await prepare()
    const files = { 'contacts.csv': contacts(200) }
    const first = JSON.parse((await sfbulk('insert Contact contacts.csv --json', files)).stdout)
    expect(first).toMatchObject({ api: 'soap', apiReason: '200 rows fit one call', apiCalls: 2 })
    const before = org.countedCalls()
    const second = JSON.parse((await sfbulk('insert Contact contacts.csv --json')).stdout)
    expect(second).toMatchObject({ api: 'soap', apiCalls: 1, rows: { accepted: 200 } })
    expect(org.countedCalls() - before).toBe(1)
    const verbose = await sfbulk('insert Contact contacts.csv --no-cache --verbose')
    expect(verbose.stderr).toContain('rows go by soap: 200 rows fit one call')
    expect(describes(org)).toBe(2)
  })

  it('are those of a job where that costs less, or is asked for', async () => {
    const { sfbulk } = await prepare()
    const files = { 'a.csv': contacts(3), 'b.csv': contacts(5_000) }
    expect(JSON.parse((await sfbulk('insert Contact a.csv --json --api bulk', files)).stdout).api).toBe('bulk')
    expect(JSON.parse((await sfbulk('insert Contact b.csv --json')).stdout)).toMatchObject({
      api: 'bulk',
      rows: { accepted: 5_000 },
    })
  })
})

it('a session that SOAP refuses goes by Bulk', async () => {
  const { url, clientId, clientSecret } = await startTestOrg({ jwtTokens: true })
  const env = { SF_LOGIN_URL: url, SF_CLIENT_ID: clientId, SF_CLIENT_SECRET: clientSecret }
  const { stdout } = await run('insert Contact a.csv --json', { env, files: { 'a.csv': contacts(3) } })
  const apiReason = 'the SOAP API refuses JSON Web Tokens'
  expect(JSON.parse(stdout)).toMatchObject({ api: 'bulk', apiReason, rows: { accepted: 3 } })
})

describe('a description that was kept', () => {
  it('is asked for anew before a column is refused or left out', async () => {
    const { org, sfbulk } = await prepare()
    await sfbulk('insert Contact a.csv', { 'a.csv': contacts(1) })
    expect(describes(org)).toBe(1)
    const unknown = await sfbulk('insert Contact b.csv', { 'b.csv': 'LastName,Shoe_Size__c\nA,43\n' })
    expect(unknown.stderr).toContain('Shoe_Size__c')
    expect(describes(org)).toBe(2)
  })

  it('does not keep a column from a field that is new in the org', async () => {
    const { cwd, sfbulk } = await prepare()
    await sfbulk('insert Contact a.csv', { 'a.csv': contacts(1) })
    const kept = await findKept(cwd)
    await writeFile(kept, (await readFile(kept, 'utf8')).replaceAll('"Department"', '"Other"'))
    await sfbulk('insert Contact b.csv', { 'b.csv': 'LastName,Department\nA,Sales\n' })
    const { stdout } = await sfbulk('query "SELECT Department FROM Contact WHERE LastName = \'A\'"')
    expect(stdout).toBe('"Department"\n"Sales"\n')
  })

  it.each(['soap', 'bulk'])('is dropped when the service does not know a field that it names (%s)', async (api) => {
    const { org, cwd, sfbulk } = await prepare()
    await sfbulk('insert Contact a.csv', { 'a.csv': contacts(1) })
    const kept = await findKept(cwd)
    await writeFile(kept, (await readFile(kept, 'utf8')).replace('"name":"Department"', '"name":"Shoe_Size__c"'))
    const { code } = await sfbulk(`insert Contact b.csv --api ${api}`, { 'b.csv': 'LastName,Shoe_Size__c\nA,43\n' })
    expect(code).not.toBe(0)
    expect(describes(org)).toBe(1)
    await sfbulk('insert Contact a.csv')
    expect(describes(org)).toBe(2)
  })

  it('of the local org goes with its records', async () => {
    const { cwd, sfbulk } = await prepare()
    await sfbulk('insert Contact a.csv -o local', { 'a.csv': contacts(1) })
    expect((await stat(await findKept(cwd))).mode & 0o777).toBe(0o600)
    await sfbulk('org reset')
    expect(await readdir(join(`${cwd}.home`, 'cache', 'describe'))).toEqual([])
  })
})

describe('a limit of calls', () => {
  it('pauses a load in good order, and it is carried on to the same files', async () => {
    const { org, sfbulk } = await prepare()
    const { code, stdout, stderr, files } = await sfbulk('insert Contact c.csv --json --max-api-calls 3', {
      'c.csv': contacts(1_000),
    })
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({
      apiCalls: 3,
      rows: { read: 400, sent: 400, accepted: 400, rejected: 0 },
      files: { success: null, errors: null },
      error: { code: 'CALL_LIMIT', hint: expect.stringContaining('sfbulk resume ') },
    })
    expect(stderr).toContain('3 of 3 API calls are used (--max-api-calls)')
    expect(Object.keys(files).filter((name) => !name.startsWith('.'))).toEqual(['c.csv'])
    expect(org.countedCalls()).toBe(3)
    const resumed = await sfbulk('resume --json')
    expect(JSON.parse(resumed.stdout)).toMatchObject({ rows: { read: 1_000, accepted: 1_000 }, exitCode: 0 })
    expect(resumed.files['c.success.csv']?.split('\n')).toHaveLength(1_002)
    expect(org.countedCalls()).toBe(6)
  })

  it('does not begin a job that could not be collected', async () => {
    const { org, sfbulk } = await prepare()
    const { code, stdout } = await sfbulk('insert Contact c.csv --json --api bulk --max-api-calls 5', {
      'c.csv': contacts(10),
    })
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({ apiCalls: 1, rows: { read: 0, sent: 0 }, jobs: [] })
    expect(org.count('POST', /jobs/)).toBe(0)
  })

  it('leaves the share of others alone', async () => {
    const { sfbulk } = await prepare({ dailyApiRequests: 10 })
    const { code, stdout } = await sfbulk('insert Contact c.csv --json --reserve 60', { 'c.csv': contacts(1_000) })
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({ apiCalls: 4, rows: { read: 600, accepted: 600 } })
  })

  it('ends a query, which leaves what has arrived under another name', async () => {
    const { sfbulk } = await prepare()
    await sfbulk('insert Contact c.csv', { 'c.csv': contacts(3_000) })
    const { code, stderr, files } = await sfbulk(
      'query "SELECT LastName FROM Contact" --output all.csv --max-api-calls 1',
    )
    expect(code).toBe(5)
    expect(stderr).toContain('--max-api-calls')
    expect(files['all.csv.partial']?.split('\n')).toHaveLength(2_002)
  })
})

describe('a query', () => {
  it('says how it was answered, and why', async () => {
    const { sfbulk } = await prepare()
    const { stdout } = await sfbulk('query "SELECT Id FROM Contact" --output none.csv --json')
    expect(JSON.parse(stdout)).toMatchObject({ api: 'rest', apiCalls: 1, jobs: [], apiReason: expect.any(String) })
    const job = await sfbulk('query "SELECT Id FROM Contact" --output none.csv --json --api bulk')
    expect(JSON.parse(job.stdout)).toMatchObject({ api: 'bulk', apiReason: '--api bulk' })
  })

  it('goes to stdout where its output is called -', async () => {
    const { sfbulk } = await prepare()
    for (const api of ['soap', 'bulk']) {
      const { code, stdout, files } = await sfbulk(`query "SELECT Id FROM Contact" --output - --api ${api}`)
      expect({ code, stdout, files: Object.keys(files) }).toEqual({ code: 0, stdout: '"Id"\n', files: [] })
    }
    expect(await sfbulk('query "SELECT Id FROM Contact" --output - --json')).toMatchObject({ code: 2 })
  })
})

describe('an org that does not serve SOAP', () => {
  const files = { 'a.csv': 'Name,Phone\nOne,1\n,2\nThree,3\n' }
  const refuse = { path: '/services/Soap/u', status: 404, body: 'nothing here' }
  const envOf = (org: { readonly url: string; readonly accessToken: string }) => ({
    SF_INSTANCE_URL: org.url,
    SF_ACCESS_TOKEN: org.accessToken,
  })

  it('gets the rows of a small load by the Bulk API, once', async () => {
    const org = await startTestOrg({ faults: [refuse] })
    const {
      code,
      stdout,
      stderr,
      files: after,
    } = await run('insert Account a.csv --no-check --json', { env: envOf(org), files })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      api: 'bulk',
      apiReason: 'the org refuses soap',
      jobs: [expect.stringMatching(/^750/)],
      rows: { read: 3, sent: 3, accepted: 2, rejected: 1 },
    })
    expect(stderr).toContain('the rows go by bulk')
    expect(after['a.errors.csv']).toContain(',2,3,,"REQUIRED_FIELD_MISSING')
  })

  it('is told of as it is when SOAP was asked for, and no row is sent another way', async () => {
    const org = await startTestOrg({ faults: [refuse] })
    const { code } = await run('insert Account a.csv --api soap', { env: envOf(org), files })
    expect(code).toBe(1)
    expect(org.count('POST', /jobs\/ingest/)).toBe(0)
  })

  it('leaves rows unknown whose answer was lost: they may have been written', async () => {
    const org = await startTestOrg({ faults: [{ path: '/services/Soap/u', drop: 'after' }] })
    const { code, stdout } = await run('insert Account a.csv --no-check --json', { env: envOf(org), files })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ api: 'soap', rows: { read: 3, unknown: 3 } })
    expect(org.count('POST', /jobs\/ingest/)).toBe(0)
  })
})
