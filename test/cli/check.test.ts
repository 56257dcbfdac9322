import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

const people = [
  'ERP_Id__c,LastName,Email,Birthdate,Account.ERP_Id__c,Remark',
  'P-1,Adler,adler@example.com,1980-02-29,A-1,',
  'P-2,Baum,no address,1981-01-01,A-1,"two, with a comma"',
  'P-3,Conrad,conrad@example.com,29.02.1981,A-1,',
  'P-4,Dorn,dorn@example.com,1981-02-29,A-1,',
  'p-1,Erle,erle@example.com,,A-1,',
  'P-6,#N/A,,,,',
  '',
].join('\n')

async function testEnv() {
  const org = await startTestOrg()
  return { org, env: { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken } }
}

describe('check', () => {
  it('says that an encoding is a guess, and looks for damage in rows that would be sent alone', async () => {
    const { env } = await testEnv()
    const latin = Buffer.from('Name\nMüller\n', 'latin1')
    const guessed = await run('check insert Account a.csv', { env, files: { 'a.csv': latin } })
    expect(guessed.stderr + guessed.stdout).toContain('a.csv looks like windows-1252 and is read as that')
    const told = await run('check insert Account a.csv --encoding latin1', { env, files: { 'a.csv': latin } })
    expect(told.stderr + told.stdout).not.toContain('looks like')
    const cut = Buffer.concat([Buffer.from('\ufeffName\nGood\nL\ufffdst\n', 'utf16le'), Buffer.of(0x41)])
    const { stdout } = await run('check insert Account a.csv --json', { env, files: { 'a.csv': cut } })
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ count: 2, lines: [3, 4] }], warnings: [] })
  })

  it('groups what is wrong, with lines, and writes those rows to the errors file of a load', async () => {
    const { org, env } = await testEnv()
    const line = 'check upsert Contact people.csv -i ERP_Id__c'
    const { code, stdout, stderr, files } = await run(`${line} --json`, { env, files: { 'people.csv': people } })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      operation: 'upsert',
      sobject: 'Contact',
      rows: { read: 6, sent: 0, rejected: 6, skipped: 0 },
      problems: [
        { code: 'DUPLICATE_VALUE', fields: ['ERP_Id__c'], count: 2, lines: [2, 6] },
        { code: 'INVALID_TYPE_ON_FIELD_IN_RECORD', fields: ['Birthdate'], count: 2, lines: [4, 5] },
        { code: 'INVALID_EMAIL_ADDRESS', fields: ['Email'], count: 1, lines: [3] },
        { code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'], count: 1, lines: [7] },
      ],
      files: { errors: 'people.errors.csv' },
      exitCode: 3,
    })
    expect(stderr).toContain('6 of 6 rows would be rejected → people.errors.csv')
    expect(stderr).toMatch(/ {2}2 × INVALID_TYPE_ON_FIELD_IN_RECORD:Birthdate: .*\n {6}lines 4, 5\n/)
    expect(stderr.split('\n').filter((text) => text.length > 80)).toEqual([])
    expect(files['people.errors.csv']).toContain(
      'P-2,Baum,no address,1981-01-01,A-1,"two, with a comma",3,,"LOCAL:INVALID_EMAIL_ADDRESS:Email: invalid email address: no address:Email --"\n',
    )
    expect(org.requests.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('rejects nothing else than the load with the same rows, and none of them costs a call', async () => {
    const { org, env } = await testEnv()
    const rows = people.replace('p-1', 'P-5')
    const cwd = privateFolder()
    const check = await run('check insert Contact people.csv --json', { cwd, env, files: { 'people.csv': rows } })
    const before = org.count('POST', /./)
    const load = await run('insert Contact people.csv --json', { cwd, env })
    expect(JSON.parse(load.stdout).rows.rejected).toBeGreaterThan(JSON.parse(check.stdout).rows.rejected)
    expect(org.count('POST', /./) - before).toBe(1)
    const locals = (text = '') => text.split('\n').filter((line) => line.includes('"LOCAL:'))
    expect(locals(load.files['people.errors.csv'])).toEqual(locals(check.files['people.errors.csv']))
  })

  it('sends nothing where every row is at fault', async () => {
    const { org, env } = await testEnv()
    const { code, stdout } = await run('insert Account a.csv --api bulk --json', {
      env,
      files: { 'a.csv': `Name,AnnualRevenue\n${'One,much\n'.repeat(300)}` },
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ jobs: [], rows: { read: 300, sent: 0, rejected: 300 }, apiCalls: 1 })
    expect(org.count('POST', /./)).toBe(0)
  })

  it('is exit code 0 where nothing is wrong, and warns of keys that come again and of damaged texts', async () => {
    const { env } = await testEnv()
    const rows = Array.from({ length: 400 }, (_, index) => `K-${index % 300},Name ${index}\n`)
    const { code, stdout, files } = await run('check upsert Account a.csv -i ERP_Id__c --json', {
      env,
      files: { 'a.csv': `ERP_Id__c,Name\n${rows.join('')}K-900,MÃ¼ller\nK-901,L\ufffdst\n` },
    })
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      rows: { read: 402, sent: 402, rejected: 0 },
      problems: [],
      warnings: [
        { code: 'DUPLICATE_KEYS', count: 100, lines: [302, 303, 304, 305, 306] },
        { code: 'REPLACED_CHARACTERS', count: 1, lines: [403] },
        { code: 'MISREAD_CHARACTERS', count: 1, lines: [402] },
      ],
      files: { errors: null },
    })
    expect(Object.keys(files)).toEqual(['a.csv'])
  })

  it('works without an org, from a description in a file, and keeps the errors file of a load', async () => {
    const { env } = await testEnv()
    const cwd = privateFolder()
    const described = await run('describe Account --json', { cwd, env })
    const files = {
      'account.json': described.stdout,
      'a.csv': 'Name,Customer_Priority__c\nOne,Terrible\nTwo,High\n',
      'a.errors.csv': 'of a load\n',
    }
    const {
      code,
      stdout,
      files: after,
    } = await run('check insert Account a.csv --describe account.json --json', {
      cwd,
      files,
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      org: 'account.json',
      rows: { read: 2, rejected: 1 },
      problems: [{ code: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', lines: [2] }],
      apiCalls: 0,
    })
    const kept = Object.keys(after).find((name) => /^a\.errors\..+\.csv$/.test(name))
    expect(after[kept ?? '']).toBe('of a load\n')
  })

  it('knows the record types of the object from its description', async () => {
    const { env } = await testEnv()
    const cwd = privateFolder()
    const described = JSON.parse((await run('describe Account --json', { cwd, env })).stdout)
    const parent = described.fields.find(({ name }: { readonly name: string }) => name === 'ParentId')
    const field = { ...parent, name: 'RecordTypeId', label: 'Record Type ID', referenceTo: ['RecordType'] }
    const recordTypeInfos = ['012000000000000AAA', '012000000000001AAA'].map((recordTypeId) => ({ recordTypeId }))
    const account = JSON.stringify({ ...described, fields: [...described.fields, field], recordTypeInfos })
    const rows = 'Name,RecordTypeId\nOne,012000000000001AAA\nTwo,012000000000002AAA\nThree,012000000000001\n'
    const { stdout } = await run('check insert Account a.csv --describe account.json --json', {
      cwd,
      files: { 'account.json': account, 'a.csv': rows },
    })
    expect(JSON.parse(stdout).problems).toMatchObject([
      { code: 'INVALID_CROSS_REFERENCE_KEY', fields: ['RecordTypeId'], count: 1, lines: [3] },
    ])
  })

  it('takes a description in a file that says less than others as far as it goes', async () => {
    const { code, stdout } = await run('check insert Account a.csv --describe account.json --json', {
      files: {
        'account.json': '{"name":"Account","fields":[{"name":"Name","nillable":false},{"name":"Phone","length":3}]}',
        'a.csv': 'Name,Phone\nOne,123\nTwo,1234\n',
      },
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'STRING_TOO_LONG', fields: ['Phone'], lines: [3] }])
  })

  it('asks once more before a row is held back for what a kept description says', async () => {
    const { org, env } = await testEnv()
    const cwd = privateFolder()
    const files = { 'a.csv': 'Name,Phone,AnnualRevenue\nOne,1,much\n', 'b.csv': `Name,Phone\nOne,${'1'.repeat(41)}\n` }
    await run('describe Account', { cwd, env, files })
    const described = () => org.count('GET', /Account\/describe/)
    await run('check insert Account a.csv', { cwd, env })
    expect(described()).toBe(1)
    await run('check insert Account b.csv', { cwd, env })
    expect(described()).toBe(2)
  })

  it.each([
    ['check', "missing required argument 'operation'"],
    ['check inser Account a.csv', 'did you mean insert?'],
    ['check upsert Account a.csv --describe account.json', 'an upsert needs a key'],
    ['check insert Account a.csv --describe none.json', 'there is no file none.json'],
    ['check insert Account a.csv --describe a.csv', 'a.csv is no description of an object'],
    ['check insert Contact a.csv --describe account.json', 'no --describe file is about Contact'],
  ])('%s: exit 2', async (line, words) => {
    const described = '{"name":"Account","createable":true,"updateable":true,"fields":[]}'
    const { code, stderr } = await run(line, { files: { 'a.csv': 'Name\nOne\n', 'account.json': described } })
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(stderr).not.toContain('fault of the program')
  })
})
