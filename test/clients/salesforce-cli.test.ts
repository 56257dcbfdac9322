import { readFileSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOrg, startOrg } from '../../src/local-org/server.ts'
import { type CliResult, missingCli, runCli } from './salesforce-cli.ts'

if (missingCli !== undefined) console.warn(`Skipped: ${missingCli}`)

type Row = Readonly<Record<string, string>>

describe('the Salesforce CLI', { skip: missingCli !== undefined, timeout: 180_000 }, () => {
  let folder: string
  let org: LocalOrg
  let login: CliResult

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sfbulk-sf-'))
    await mkdir(join(folder, 'home'))
    org = await startOrg({ data: join(folder, 'org.db'), speed: 'instant', pageRows: 1000 })
    login = await sf(['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt', '--set-default'], {
      SF_ACCESS_TOKEN: org.accessToken,
    })
  })

  afterAll(async () => {
    await org.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('logs in with the access token', () => {
    expect(login.stdout).toContain(`Successfully authorized ${org.username} with org ID 00D`)
    expect(login.code).toBe(0)
  })

  it('queries with fields of parents, as JSON', async () => {
    await create('Account', [{ Name: 'Parent & Co', ERP_Id__c: 'Q1', NumberOfEmployees: 7 }])
    const soql = "SELECT Name, NumberOfEmployees, Owner.Username FROM Account WHERE ERP_Id__c = 'Q1'"
    const { code, stdout } = await sf(['data', 'query', '--query', soql, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 0,
      result: {
        totalSize: 1,
        done: true,
        records: [{ Name: 'Parent & Co', NumberOfEmployees: 7, Owner: { Username: org.username } }],
      },
    })
  })

  it('draws a table of a query with parents and children', async () => {
    await create('Account', [{ Name: 'Table Ltd', ERP_Id__c: 'T1' }])
    await create('Contact', [{ LastName: 'Chair', Account: { ERP_Id__c: 'T1' } }])
    const soql = "SELECT Name, Owner.Alias, (SELECT LastName FROM Contacts) FROM Account WHERE ERP_Id__c = 'T1'"
    const { code, stdout } = await sf(['data', 'query', '--query', soql])
    expect(code).toBe(0)
    expect(stdout).toMatch(/NAME\W+OWNER\.ALIAS\W+CONTACTS\.LASTNAME/)
    expect(stdout).toMatch(/Table Ltd\W+admin\W+Chair/)
    expect(stdout).toContain('Total number of records retrieved: 1.')
  })

  it('fetches every page of a query and of an export', async () => {
    for (let start = 0; start < 2200; start += 200) {
      await create(
        'Lead',
        Array.from({ length: 200 }, (_, index) => ({ LastName: `Lead ${start + index}`, Company: 'Pages' })),
      )
    }
    const { stdout } = await sf(['data', 'query', '--query', 'SELECT LastName FROM Lead', '--result-format', 'csv'])
    const names = parse(stdout.slice(stdout.indexOf('LastName')), { columns: true }) as Row[]
    expect(new Set(names.map(({ LastName }) => LastName)).size).toBe(2200)
    const words = ['--query', 'SELECT LastName FROM Lead', '--output-file', 'leads.csv', '--wait', '2', '--json']
    const exported = await sf(['data', 'export', 'bulk', ...words])
    expect(JSON.parse(exported.stdout).result).toMatchObject({ totalSize: 2200 })
    expect(new Set(readCsv('leads.csv').map(({ LastName }) => LastName)).size).toBe(2200)
  })

  it('shows what is wrong with a query', async () => {
    const { code, stderr } = await sf(['data', 'query', '--query', 'SELECT Nme FROM Account'])
    expect(code).toBe(1)
    expect(stderr).toContain("No such column 'Nme' on entity 'Account'")
  })

  it('creates, reads, updates and deletes a record', async () => {
    const key = ['--sobject', 'Account', '--where', 'ERP_Id__c=R1', '--json']
    const created = await sf([
      'data',
      'create',
      'record',
      '-s',
      'Account',
      '-v',
      "Name='One Inc' ERP_Id__c=R1",
      '--json',
    ])
    expect(JSON.parse(created.stdout)).toMatchObject({ status: 0, result: { success: true } })
    await sf(['data', 'update', 'record', ...key, '--values', 'NumberOfEmployees=12'])
    const read = await sf(['data', 'get', 'record', ...key])
    expect(JSON.parse(read.stdout)).toMatchObject({ result: { Name: 'One Inc', NumberOfEmployees: 12 } })
    const deleted = await sf(['data', 'delete', 'record', ...key])
    expect(JSON.parse(deleted.stdout)).toMatchObject({ status: 0 })
    expect(await count("SELECT COUNT() FROM Account WHERE ERP_Id__c = 'R1'")).toBe(0)
  })

  it('imports a CSV and fetches which rows were rejected', async () => {
    const rows = [
      'Name,ERP_Id__c,NumberOfEmployees',
      'First,I1,1',
      ',I2,2',
      '"Third, of ""four""",I3,3',
      'Fourth,I4,many',
    ]
    writeFileSync(join(folder, 'import.csv'), `${rows.join('\n')}\n`)
    const imported = await sf(['data', 'import', 'bulk', '-s', 'Account', '-f', 'import.csv', '--wait', '2', '--json'])
    const { name, data } = JSON.parse(imported.stdout)
    expect({ code: imported.code, name, state: data.state }).toEqual({
      code: 1,
      name: 'FailedRecordDetailsError',
      state: 'JobComplete',
    })

    const fetched = await sf(['data', 'bulk', 'results', '--job-id', data.jobId, '--json'])
    const { result } = JSON.parse(fetched.stdout)
    expect(result).toMatchObject({ processedRecords: 4, successfulRecords: 2, failedRecords: 2, status: 'JobComplete' })
    const byKey = (one: Row, other: Row) => (one.ERP_Id__c! < other.ERP_Id__c! ? -1 : 1)
    expect(readCsv(result.successFilePath).sort(byKey)).toMatchObject([
      { sf__Created: 'true', Name: 'First' },
      { sf__Created: 'true', Name: 'Third, of "four"' },
    ])
    expect(readCsv(result.failedFilePath).sort(byKey)).toMatchObject([
      { ERP_Id__c: 'I2', sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --' },
      { ERP_Id__c: 'I4', sf__Error: expect.stringMatching(/^INVALID_TYPE_ON_FIELD_IN_RECORD:/) },
    ])
  })

  it('upserts a CSV with semicolons and CRLF by external ID and tells what was new', async () => {
    await create('Account', [{ Name: 'Before', ERP_Id__c: 'U1' }])
    writeFileSync(join(folder, 'upsert.csv'), 'ERP_Id__c;Name\r\nU1;After\r\nU2;New\r\n')
    const dialect = ['--column-delimiter', 'SEMICOLON', '--line-ending', 'CRLF']
    const words = ['-s', 'Account', '-f', 'upsert.csv', '-i', 'ERP_Id__c', ...dialect, '--wait', '2', '--json']
    const { code, stdout } = await sf(['data', 'upsert', 'bulk', ...words])
    expect(code).toBe(0)
    const { jobInfo, records } = JSON.parse(stdout).result
    expect(jobInfo).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 0 })
    const verdicts = records.successfulResults.map((row: Row) => `${row.ERP_Id__c} ${row.Name} ${row.sf__Created}`)
    expect(verdicts.sort()).toEqual(['U1 After false', 'U2 New true'])
  })

  it('exports a query as CSV and as JSON', async () => {
    await create('Account', [
      { Name: 'Export "1"', ERP_Id__c: 'E1' },
      { Name: 'Export\n2', ERP_Id__c: 'E2' },
    ])
    const soql = "SELECT ERP_Id__c, Name, Owner.Username FROM Account WHERE ERP_Id__c LIKE 'E%' ORDER BY ERP_Id__c"
    const exported = ['data', 'export', 'bulk', '--query', soql, '--wait', '2', '--json', '--output-file']
    const wanted = [
      { ERP_Id__c: 'E1', Name: 'Export "1"', 'Owner.Username': org.username },
      { ERP_Id__c: 'E2', Name: 'Export\n2', 'Owner.Username': org.username },
    ]
    const [csv, json] = await Promise.all([
      sf([...exported, 'accounts.csv']),
      sf([...exported, 'accounts.json', '--result-format', 'json']),
    ])
    expect(JSON.parse(csv.stdout).result).toEqual({ totalSize: 2, filePath: 'accounts.csv' })
    expect(readCsv('accounts.csv')).toEqual(wanted)
    expect(json.code).toBe(0)
    expect(JSON.parse(readFileSync(join(folder, 'accounts.json'), 'utf8'))).toEqual(wanted)
  })

  it('updates and deletes by files of Ids', async () => {
    const [id] = await create('Account', [{ Name: 'Short-lived', ERP_Id__c: 'D1' }])
    writeFileSync(join(folder, 'update.csv'), `Id,Name\n${id},Renamed\n`)
    writeFileSync(join(folder, 'delete.csv'), `Id\n${id}\n`)
    const updated = await sf(['data', 'update', 'bulk', '-s', 'Account', '-f', 'update.csv', '--wait', '2', '--json'])
    expect(JSON.parse(updated.stdout).result).toMatchObject({ processedRecords: 1, successfulRecords: 1 })
    expect(await count("SELECT COUNT() FROM Account WHERE Name = 'Renamed'")).toBe(1)
    const deleted = await sf(['data', 'delete', 'bulk', '-s', 'Account', '-f', 'delete.csv', '--wait', '2', '--json'])
    expect(deleted.code).toBe(0)
    expect(await count("SELECT COUNT() FROM Account WHERE Name = 'Renamed'")).toBe(0)
  })

  it('lists objects, describes one and shows the limits', async () => {
    const [list, described, limits] = await Promise.all([
      sf(['sobject', 'list', '--sobject', 'custom', '--json']),
      sf(['sobject', 'describe', '--sobject', 'Invoice__c', '--json']),
      sf(['org', 'list', 'limits', '--json']),
    ])
    expect(JSON.parse(list.stdout).result).toEqual(['Invoice__c'])
    const { fields } = JSON.parse(described.stdout).result
    expect(fields.map(({ name }: { name: string }) => name)).toContain('Id')
    const names = JSON.parse(limits.stdout).result.map(({ name }: { name: string }) => name)
    expect(names).toContain('DailyApiRequests')
  })

  async function sf(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
    return runCli(folder, words, env)
  }

  /** Puts records into the org by another way than the CLI, and returns their Ids. */
  async function create(type: string, records: readonly Readonly<Record<string, unknown>>[]): Promise<string[]> {
    const body = { allOrNone: true, records: records.map((record) => ({ attributes: { type }, ...record })) }
    const results = (await ask('POST', 'composite/sobjects', body)) as { id: string; success: boolean }[]
    expect(results.map(({ success }) => success)).toEqual(records.map(() => true))
    return results.map(({ id }) => id)
  }

  async function count(soql: string): Promise<number> {
    const { totalSize } = (await ask('GET', `query?q=${encodeURIComponent(soql)}`)) as { totalSize: number }
    return totalSize
  }

  async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${org.url}/services/data/v66.0/${path}`, {
      method,
      headers: { Authorization: `Bearer ${org.accessToken}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return response.json()
  }

  function readCsv(name: string): Row[] {
    return parse(readFileSync(join(folder, name)), { columns: true }) as Row[]
  }
})
