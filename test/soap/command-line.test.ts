import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

function connectionOf({ url, accessToken }: TestOrg): Readonly<Record<string, string>> {
  return { SF_ACCESS_TOKEN: accessToken, SF_INSTANCE_URL: url }
}

const contacts = (count: number) =>
  `LastName,ERP_Id__c\n${Array.from({ length: count }, (_, row) => `Person ${row},E-${row}\n`).join('')}`

describe('a write with --api soap', () => {
  it('sends 200 rows by a call, tells of calls in place of jobs, and accounts for every row', async () => {
    const org = await startTestOrg()
    const { code, stdout, stderr, files } = await run('upsert Contact c.csv -i ERP_Id__c --api soap --json', {
      env: connectionOf(org),
      files: { 'c.csv': `${contacts(250)},no name\n` },
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      api: 'soap',
      jobs: [],
      rows: { read: 251, sent: 251, accepted: 250, rejected: 1, unprocessed: 0, unknown: 0 },
      apiCalls: org.countedCalls(),
    })
    expect(org.count('POST', /services\/Soap/)).toBe(2)
    expect(org.count('POST', /jobs/)).toBe(0)
    expect(stderr).toMatch(/^call 1 answered: 200 rows, /m)
    expect(stderr).toMatch(/^call 2 answered: 51 rows, /m)
    expect(stderr).not.toMatch(/\bjobs?\b/)
    expect(files['c.errors.csv']).toMatch(/^,no name,252,,"REQUIRED_FIELD_MISSING:.*:LastName --"$/m)
    expect(files['c.success.csv']).toMatch(/^Person 249,E-249,003\w{15},true$/m)
  })

  it('goes on with a new session when its own has expired', async () => {
    const org = await startTestOrg({ faults: [{ method: 'POST', path: '/services/Soap', sessionExpired: true }] })
    const { clientId: SF_CLIENT_ID, clientSecret: SF_CLIENT_SECRET, url: SF_LOGIN_URL } = org
    const { code, stdout } = await run('insert Contact c.csv --api soap --json', {
      env: { SF_CLIENT_ID, SF_CLIENT_SECRET, SF_LOGIN_URL },
      files: { 'c.csv': contacts(2) },
    })
    expect({ code, ...JSON.parse(stdout).rows }).toMatchObject({ code: 0, read: 2, accepted: 2 })
    expect(org.count('POST', /oauth2\/token/)).toBe(2)
  })

  it('undoes a call with --all-or-none', async () => {
    const org = await startTestOrg()
    const { code, files } = await run('insert Contact c.csv --api soap --all-or-none -q', {
      env: connectionOf(org),
      files: { 'c.csv': `${contacts(2)},no name\n` },
    })
    expect(code).toBe(3)
    expect(files['c.success.csv']).toBeUndefined()
    expect(files['c.errors.csv']?.match(/ALL_OR_NONE_OPERATION_ROLLED_BACK/g)).toHaveLength(2)
  })

  it('says that rows are unknown when the answer to an insert is lost and nothing of it is unique', async () => {
    const faults = [{ method: 'POST', path: '/services/Soap', drop: 'after' }] as const
    const org = await startTestOrg({ faults })
    const { code, stdout, stderr, files } = await run('insert Contact c.csv --api soap --json', {
      env: connectionOf(org),
      files: { 'c.csv': 'LastName\nOne\nTwo\nThree\n' },
    })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ rows: { read: 3, accepted: 0, unknown: 3 } })
    expect(files['c.errors.csv']).toMatch(
      /UNKNOWN:the answer to its call was lost, and no field that is sent is unique/,
    )
    expect(stderr).not.toMatch(/\bjob\b/)
    expect(org.count('POST', /services\/Soap/)).toBe(1)
  })

  it('gives the record of a lost answer to one of the rows that share its unique value', async () => {
    const org = await startTestOrg({ faults: [{ method: 'POST', path: '/services/Soap', drop: 'after' }] })
    const rows = ['Ann,1', 'Bea,1', 'Ann,1', 'Cid,2', 'Cid,2', 'Dot,3']
    const csv = `LastName,ERP_Id__c\n${rows.join('\n')}\n`
    const { code, files } = await run('insert Contact c.csv --api soap -q', {
      env: connectionOf(org),
      files: { 'c.csv': csv },
    })
    expect(code).toBe(3)
    expect(files['c.success.csv']).toMatch(/^.*\nAnn,1,(003\w{15}),true\nCid,2,003.*\nDot,3,003.*\n$/)
    expect(files['c.errors.csv']).toMatch(/^.*\nBea,1,3,,"DUPLICATE.*\nAnn,1,4,,"DUPLICATE.*\nCid,2,6,,"DUPLICATE.*\n$/)
  })

  it('finds rows that carry a unique value in the org when the answer to an insert is lost', async () => {
    const org = await startTestOrg({ faults: [{ method: 'POST', path: '/services/Soap', drop: 'after' }] })
    const { code, files } = await run('insert Contact c.csv --api soap --json', {
      env: connectionOf(org),
      files: { 'c.csv': 'ERP_Id__c,LastName\nS-1,One\nS-2,Two\n' },
    })
    expect(code).toBe(0)
    expect(files['c.success.csv']).toMatch(/^S-1,One,003\w{15},true\nS-2,Two,003\w{15},true\n/m)
  })

  it('takes an assignment rule, which a Bulk job takes as well', async () => {
    const org = await startTestOrg()
    const rule = '01Q000000000001EAA'
    const inputs = { env: connectionOf(org), files: { 'l.csv': 'LastName,Company\nOne,Firm\n' } }
    const bySoap = await run(`insert Lead l.csv --api soap --assignment-rule ${rule} --no-feed-tracking`, inputs)
    expect(bySoap.code).toBe(0)
    const byBulk = await run(`insert Lead l.csv --api bulk --assignment-rule ${rule} --json`, inputs)
    const [job] = JSON.parse(byBulk.stdout).jobs
    expect(await (await org.call('GET', `jobs/ingest/${job}`)).json()).toMatchObject({ assignmentRuleId: rule })
  })

  it('explains that SOAP refuses a token in the form of a JWT', async () => {
    const org = await startTestOrg({ jwtTokens: true })
    const { clientId: SF_CLIENT_ID, clientSecret: SF_CLIENT_SECRET, url: SF_LOGIN_URL } = org
    const { code, stderr, files } = await run('insert Contact c.csv --api soap', {
      env: { SF_CLIENT_ID, SF_CLIENT_SECRET, SF_LOGIN_URL },
      files: { 'c.csv': contacts(2) },
    })
    expect(code).toBe(4)
    expect(stderr).toContain('the SOAP API refuses the access token, which is a JSON Web Token')
    expect(stderr).toContain('--api bulk')
    expect(files['c.errors.csv']?.match(/LOCAL:not sent/g)).toHaveLength(2)
  })

  it.each([
    ['hard-delete Contact c.csv --api soap', 'the SOAP API cannot hard-delete', '--api bulk'],
    ['insert Lead c.csv --assignment-rule default', '--assignment-rule default can only be said to SOAP', '--api soap'],
    [
      'insert Lead c.csv --api bulk --all-or-none --no-feed-tracking',
      '--all-or-none and --no-feed-tracking',
      '--api soap',
    ],
  ])('is told apart from what it is not: %s', async (line, problem, remedy) => {
    const { code, stderr } = await run(line, { cwd: privateFolder(), files: { 'c.csv': 'Id\n003\n' } })
    expect(code).toBe(2)
    expect(stderr).toContain(problem)
    expect(stderr).toContain(remedy)
  })
})
