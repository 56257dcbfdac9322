import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

const accounts = [
  'ERP_Id__c,Name,AnnualRevenue,Phone,Active_Since',
  'A-1,One,1000.00,1,x',
  'A-2,Two,2000,2,x',
  'A-3,Three,,3,x',
  '',
].join('\n')

async function withAccounts(): Promise<{ org: TestOrg; env: Record<string, string>; cwd: string }> {
  const org = await startTestOrg()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const cwd = privateFolder()
  const { code } = await run('upsert Account a.csv -i ERP_Id__c -q', { env, cwd, files: { 'a.csv': accounts } })
  expect(code).toBe(0)
  return { org, env, cwd }
}

async function readAccounts(env: Record<string, string>, cwd: string): Promise<string> {
  const soql = 'SELECT ERP_Id__c, Name, AnnualRevenue, Phone FROM Account ORDER BY ERP_Id__c'
  return (await run(`query "${soql}" -q`, { env, cwd })).stdout
}

describe('--only-changed', () => {
  it('sends the one row of a nightly file that has changed; the 999 others cost nothing', async () => {
    const org = await startTestOrg()
    const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
    const cwd = privateFolder()
    const [monday, tuesday] = ['monday', 'tuesday'].map((day) => readFileSync(`examples/nightly/${day}.csv`, 'utf8'))
    const line = 'upsert Account day.csv -i ERP_Id__c --only-changed --json'
    const first = await run(line, { env, cwd, files: { 'day.csv': monday! } })
    expect(JSON.parse(first.stdout).rows).toMatchObject({ read: 1000, sent: 1000, accepted: 1000, skipped: 0 })

    const before = org.countedCalls()
    const second = await run(line, { env, cwd, files: { 'day.csv': tuesday! } })
    expect(second.code).toBe(0)
    expect(JSON.parse(second.stdout)).toMatchObject({
      rows: { read: 1000, sent: 1, accepted: 1, rejected: 0, skipped: 999 },
      apiCalls: 2,
    })
    expect(org.countedCalls() - before).toBe(2)
    const success = (second.files['day.success.csv'] ?? '').split('\n')
    expect(success[417]).toMatch(/^N-0417,.*,1250,001\w{15},false$/)
    expect(success.filter((row) => /^N-\d{4},.*,001\w{15},$/.test(row))).toHaveLength(999)

    const third = await run(line, { env, cwd })
    expect(JSON.parse(third.stdout)).toMatchObject({ rows: { sent: 0, skipped: 1000 }, apiCalls: 1 })
  })

  it('compares by value, leaves what a row does not say, and sends rows that would create a record', async () => {
    const { env, cwd } = await withAccounts()
    const rows = [
      'ERP_Id__c,Name,AnnualRevenue,Phone',
      'a-1, One ,1E3,',
      'A-2,"Two",2000.0,#N/A',
      'A-3,Three,,3',
      'A-4,Four,4,4',
      '',
    ]
    const { code, stdout, files } = await run('upsert Account b.csv -i ERP_Id__c --only-changed --json', {
      env,
      cwd,
      files: { 'b.csv': rows.join('\n') },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 4, sent: 2, accepted: 2, skipped: 2 })
    expect(files['b.success.csv']).toMatch(/^a-1, One ,1E3,,001\w{15},$/m)
    expect(files['b.success.csv']).toMatch(/^A-2,"Two",2000\.0,#N\/A,001\w{15},false$/m)
    expect(await readAccounts(env, cwd)).toMatch(/"A-2","Two","2000[^"]*",""/)
  })

  it('sends a row whose record an earlier row of the file has changed', async () => {
    const { env, cwd } = await withAccounts()
    const twice = `ERP_Id__c,Phone\nA-1,9\n${Array.from({ length: 250 }, (_, index) => `B-${index},1\n`).join('')}A-1,1\n`
    const line = 'upsert Account b.csv -i ERP_Id__c --only-changed --api soap --map Name=Name --json'
    const files = { 'b.csv': twice.replaceAll('\n', ',x\n').replace('Phone,x', 'Phone,Name') }
    const { stdout } = await run(line, { env, cwd, files })
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 252, sent: 252 })
    expect(await readAccounts(env, cwd)).toMatch(/"A-1","x","1000[^"]*","1"/)
  })

  it('goes with an update, too, and by parents that are named by external ID', async () => {
    const { env, cwd } = await withAccounts()
    const contacts = 'ERP_Id__c,LastName,Account.ERP_Id__c\nC-1,Adler,A-1\nC-2,Baum,A-2\n'
    await run('insert Contact c.csv -q', { env, cwd, files: { 'c.csv': contacts } })
    const read = await run('query "SELECT Id, LastName, Account.ERP_Id__c FROM Contact ORDER BY LastName" -q', {
      env,
      cwd,
    })
    const moved = read.stdout.replace('"A-2"', '"A-3"')
    const { stdout } = await run('update Contact d.csv --only-changed --json', { env, cwd, files: { 'd.csv': moved } })
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 2, sent: 1, accepted: 1, skipped: 1 })
  })

  it('sends the few rows that are left of a large input by one call, not by a job', async () => {
    const { org, env, cwd } = await withAccounts()
    const others = Array.from({ length: 3000 }, () => `A-2,Two,${'x'.repeat(400)}\n`)
    const { code, stdout } = await run('upsert Account b.csv -i ERP_Id__c --only-changed --json', {
      env,
      cwd,
      files: { 'b.csv': `ERP_Id__c,Name,sf__Remark\nA-1,Eins,\n${others.join('')}` },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      api: 'soap',
      apiReason: 'the rows that are left to send fit one call',
      rows: { read: 3001, sent: 1, accepted: 1, skipped: 3000 },
      apiCalls: 2,
    })
    expect(org.count('POST', /jobs\/ingest/)).toBe(0)
  })

  it('is carried on by resume with the records as they were before the first row', async () => {
    const { org, env, cwd } = await withAccounts()
    const line = 'upsert Account b.csv -i ERP_Id__c --only-changed --api bulk --job-bytes 60'
    const files = { 'b.csv': 'ERP_Id__c,Name\nA-1,Eins\nA-2,Two\nA-3,Drei\n' }
    const begun = await run(`${line} --async`, { env, cwd, files })
    expect(begun.code).toBe(0)
    const queries = org.count('GET', /\/query\?/)
    const { code, stdout, files: after } = await run('resume --json', { env, cwd })
    expect({ code, rows: JSON.parse(stdout).rows }).toMatchObject({
      code: 0,
      rows: { read: 3, accepted: 2, skipped: 1 },
    })
    expect(after['b.success.csv']).toMatch(
      /^A-1,Eins,001\w{15},false\nA-2,Two,001\w{15},\nA-3,Drei,001\w{15},false\n$/m,
    )
    expect(org.count('GET', /\/query\?/)).toBe(queries)
  })

  it('reads a large input’s records by one job where that costs less than lists of keys', async () => {
    const { org, env, cwd } = await withAccounts()
    const many = Array.from({ length: 22_000 }, (_, index) => `A-${(index % 3) + 1},${(index % 3) + 1}\n`)
    const line = 'check upsert Account b.csv -i ERP_Id__c --only-changed --api bulk --json'
    const { stdout } = await run(line, { env, cwd, files: { 'b.csv': `ERP_Id__c,Phone\n${many.join('')}` } })
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 22_000, sent: 0, skipped: 22_000 })
    expect(org.count('POST', /jobs\/query$/)).toBe(1)
  })
})

describe('--never-insert', () => {
  it('changes records that are there and holds back the others', async () => {
    const { env, cwd } = await withAccounts()
    const { code, stdout, files } = await run('upsert Account b.csv -i ERP_Id__c --never-insert --json', {
      env,
      cwd,
      files: { 'b.csv': 'ERP_Id__c,Name\nA-1,Eins\nA-9,Neun\n' },
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 2, sent: 1, accepted: 1, rejected: 1 })
    expect(files['b.errors.csv']).toContain('LOCAL:Account has no record whose ERP_Id__c is ""A-9""')
    expect(await readAccounts(env, cwd)).toContain('"A-1","Eins"')
  })
})

describe('--only-empty', () => {
  it('fills fields that are empty in the org and leaves the others alone', async () => {
    const { env, cwd } = await withAccounts()
    const { code, stdout } = await run('upsert Account b.csv -i ERP_Id__c --only-empty --json', {
      env,
      cwd,
      files: { 'b.csv': 'ERP_Id__c,Name,AnnualRevenue\nA-1,Eins,5\nA-3,Drei,3\nA-4,Vier,4\n' },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).rows).toMatchObject({ read: 3, sent: 2, accepted: 2, skipped: 1 })
    const after = await readAccounts(env, cwd)
    expect(after).toMatch(/"A-1","One","1000/)
    expect(after).toMatch(/"A-3","Three","3/)
    expect(after).toMatch(/"A-4","Vier","4/)
  })
})

describe('check --online', () => {
  it('tells what would be created, changed field by field, or left as it is', async () => {
    const { org, env, cwd } = await withAccounts()
    const rows = 'ERP_Id__c,Name,AnnualRevenue\nA-1,Eins,1000\nA-2,Two,\nA-4,Four,4\n'
    const { code, stdout, stderr } = await run('check upsert Account b.csv -i ERP_Id__c --online --json', {
      env,
      cwd,
      files: { 'b.csv': rows },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout).changes).toEqual({
      created: { count: 1, lines: [4] },
      changed: { count: 1, lines: [2] },
      unchanged: { count: 1, lines: [3] },
      missing: { count: 0, lines: [] },
      fields: [{ field: 'Name', count: 1, examples: [{ line: 2, from: 'One', to: 'Eins' }] }],
    })
    expect(stderr).toContain('  Name in 1\n    line 2: One → Eins\n')
    expect(org.requests.filter(({ path }) => path.includes('/jobs/ingest'))).toEqual([])
  })

  it('finds parents that are not there, by external ID and by Id, and records that an update would miss', async () => {
    const { env, cwd } = await withAccounts()
    const contacts = 'LastName,Account.ERP_Id__c,ReportsToId\nAdler,A-1,\nBaum,A-9,\nConrad,,003000000000000AAA\n'
    const insert = await run('check insert Contact c.csv --online --json', { env, cwd, files: { 'c.csv': contacts } })
    expect(insert.code).toBe(3)
    expect(JSON.parse(insert.stdout).problems).toMatchObject([
      { code: 'INVALID_FIELD', lines: [3] },
      { code: 'INVALID_CROSS_REFERENCE_KEY', fields: ['ReportsToId'], lines: [4] },
    ])
    const update = await run('check update Account u.csv --online --json', {
      env,
      cwd,
      files: { 'u.csv': 'Id,Name\n001000000000000AAA,One\n' },
    })
    expect(JSON.parse(update.stdout)).toMatchObject({
      problems: [{ code: 'INVALID_CROSS_REFERENCE_KEY', count: 1 }],
      changes: { missing: { count: 1 } },
    })
  })
})

describe('a comparison that makes no sense', () => {
  it.each([
    ['check insert Account a.csv --only-changed', '--only-changed goes with update and upsert'],
    ['check insert Account a.csv --online --describe account.json', '--online asks the org'],
  ])('%s: exit 2', async (line, words) => {
    const { code, stderr } = await run(`${line} -o local`, { files: { 'a.csv': 'Name\nOne\n' } })
    expect(code).toBe(2)
    expect(stderr).toContain(words)
  })
})
