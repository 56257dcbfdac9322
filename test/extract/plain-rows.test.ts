import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { extract } from '../../src/extract/extract.ts'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import { connect } from '../../src/org/connect.ts'
import type { ObjectDescription } from '../../src/org/object-description.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { answerQuery, collect, runExtract } from './query-dialogue.ts'

async function connectTo(service: TestOrg) {
  const home = await mkdtemp(join(tmpdir(), 'sfbulk-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const { url: instanceUrl, accessToken } = service
  const login = { flow: 'access-token', accessToken, instanceUrl } as const
  const org = await connect({ login, apiVersion: undefined, origin: 'test' }, { describeCache: { home } })
  onTestFinished(() => org.close())
  return async (soql: string, api: 'auto' | 'bulk' = 'auto', all = false) => {
    const output = collect()
    const tools = { org, signal: new AbortController().signal, report: () => undefined }
    const summary = await extract({ soql, all, names: new Map(), output, api }, tools)
    return { ...summary, text: output.text() }
  }
}

async function startOrgWith(object: string, rows: readonly object[], options: Partial<OrgOptions> = {}) {
  const service = await startTestOrg(options)
  await insert(service, object, rows)
  return { service, query: await connectTo(service) }
}

async function insert(service: TestOrg, type: string, rows: readonly object[]): Promise<readonly string[]> {
  const ids: string[] = []
  for (let from = 0; from < rows.length; from += 200) {
    const records = rows.slice(from, from + 200).map((row) => ({ attributes: { type }, ...row }))
    const answer = await service.call('POST', 'composite/sobjects', { allOrNone: true, records })
    const results = (await answer.json()) as { success: boolean; id: string; errors: unknown }[]
    expect(results.filter(({ success }) => !success)).toEqual([])
    ids.push(...results.map(({ id }) => id))
  }
  return ids
}

const names = (count: number) => Array.from({ length: count }, (_, index) => ({ Name: `n${index}` }))

describe('a query of few rows', () => {
  test('is answered by one call', async () => {
    const { query, service } = await startOrgWith('Account', names(3))
    const { text, ...summary } = await query("select id, name from account where name = 'n1'")
    expect(text).toMatch(/^"Id","Name"\n"001\w{15}","n1"\n$/)
    expect(summary).toMatchObject({ api: 'rest', apiCalls: 1, rows: 1, jobs: [] })
    expect(service.count('POST', /jobs/)).toBe(0)
  })

  test('goes on page by page while that costs fewer calls than a job', async () => {
    const { query } = await startOrgWith('Account', names(4_500))
    const { text, ...summary } = await query('SELECT Name FROM Account')
    expect(text.split('\n')).toHaveLength(4_502)
    expect(summary).toMatchObject({ api: 'rest', apiCalls: 3, rows: 4_500, pages: 3 })
  })

  test('is a job all the same when asked for', async () => {
    const { query, service } = await startOrgWith('Account', names(3))
    expect(await query('SELECT Name FROM Account', 'bulk')).toMatchObject({ api: 'bulk', rows: 3 })
    expect(service.count('GET', /\/query\?/)).toBe(0)
  })

  test('is a job when the synchronous API takes too long for it', async () => {
    const body = [{ errorCode: 'QUERY_TIMEOUT', message: 'Your query request was running for too long.' }]
    const faults = [{ method: 'GET', path: '/query', status: 400, body: JSON.stringify(body) }]
    const { query } = await startOrgWith('Account', names(3), { faults })
    expect(await query('SELECT Name FROM Account')).toMatchObject({ api: 'bulk', rows: 3 })
  })

  test('reads deleted rows, too, when asked', async () => {
    const { query, service } = await startOrgWith('Account', names(2))
    const id = /"(001\w{15})"/.exec((await query("SELECT Id FROM Account WHERE Name = 'n0'")).text)?.[1]
    await service.call('DELETE', `sobjects/Account/${id}`)
    expect(await query('SELECT Id FROM Account')).toMatchObject({ rows: 1, apiCalls: 1 })
    expect(await query('SELECT Id FROM Account', 'auto', true)).toMatchObject({ rows: 2, apiCalls: 1 })
  })

  test('that is too long for an address is a job', async () => {
    const { query, service } = await startOrgWith('Account', names(3))
    const many = Array.from({ length: 900 }, (_, index) => `'some name ${index}'`)
    expect(await query(`SELECT Name FROM Account WHERE Name IN ('n1', ${many.join(', ')})`)).toMatchObject({
      api: 'bulk',
      rows: 1,
    })
    expect(service.count('GET', /\/query\?/)).toBe(0)
  })

  test.each([
    ['SELECT Name FROM Account LIMIT 100000'],
    ['SELECT Name, BillingAddress FROM Account'],
  ])('that could not be told or spelt by a page is a job without one: %s', async (soql) => {
    const { query, service } = await startOrgWith('Account', names(3))
    expect(await query(soql)).toMatchObject({ api: 'bulk', rows: 3 })
    expect(service.count('GET', /\/query\?/)).toBe(0)
  })
})

describe("a field of the org's own in which no record has a value", () => {
  const geo = { name: 'Geo__c', type: 'location', relationshipName: null, referenceTo: [], compoundFieldName: null }
  const parts = ['Latitude', 'Longitude'].map((part) => ({
    ...geo,
    name: `Geo__${part}__s`,
    type: 'double',
    compoundFieldName: 'Geo__c',
  }))
  const soql = 'SELECT Id, Geo__c FROM Account'
  const empty = { totalSize: 1, done: true, records: [{ Id: '1', Geo__c: null }] }

  test('is read by its parts when it is a location', async () => {
    const csv = '"Id","Geo__Latitude__s","Geo__Longitude__s"\n"1","",""\n'
    const played = answerQuery({ pages: [csv] })
    const { running, output } = await runExtract(
      (heard, response) => {
        if (heard.url.includes('/query?')) return { json: empty }
        if (heard.url.endsWith('/describe')) return { json: { name: 'Account', fields: [geo, ...parts] } }
        if (heard.method === 'POST' && !heard.body.includes('Latitude')) {
          return { status: 400, json: [{ errorCode: 'API_ERROR', message: 'Selecting compound data not supported' }] }
        }
        return played(heard, response)
      },
      { soql, api: 'auto' },
    )
    expect(await running).toMatchObject({ api: 'bulk', rows: 1 })
    expect(output.text()).toBe(csv)
  })

  test.each([
    ['refused', { status: 403, json: [{ errorCode: 'FORBIDDEN', message: 'no' }] }],
    ['unknown', { status: 404, json: [{ errorCode: 'NOT_FOUND', message: 'no' }] }],
  ])('is called as it was typed where the description is %s', async (_, description) => {
    for (const records of [[], empty.records]) {
      const rows = { json: { ...empty, totalSize: records.length, records } }
      const { running, output } = await runExtract(
        ({ url }) => {
          if (url.includes('/query?')) return rows
          return url.endsWith('/sobjects') ? { json: { sobjects: [] } } : description
        },
        { soql, api: 'auto' },
      )
      expect(await running).toMatchObject({ api: 'rest', rows: records.length })
      expect(output.text()).toMatch(/^"Id","Geo__c"\n/)
    }
  })

  test('stays one column when it is not', async () => {
    const text = { name: 'Account', fields: [{ ...geo, type: 'string' }] }
    const { running, output } = await runExtract([() => ({ json: empty }), () => ({ json: text })], {
      soql,
      api: 'auto',
    })
    expect(await running).toMatchObject({ api: 'rest', rows: 1, apiCalls: 2 })
    expect(output.text()).toBe('"Id","Geo__c"\n"1",""\n')
  })
})

test('a query of many rows loses one call to find that out', async () => {
  const { query, service } = await startOrgWith('Account', [])
  const csv = `Name\n${names(20_000)
    .map(({ Name }) => `${Name}\n`)
    .join('')}`
  const job = (await (
    await service.call('POST', 'jobs/ingest', { object: 'Account', operation: 'insert' })
  ).json()) as {
    id: string
  }
  await service.call('PUT', `jobs/ingest/${job.id}/batches`, csv, { 'Content-Type': 'text/csv' })
  await service.call('PATCH', `jobs/ingest/${job.id}`, { state: 'UploadComplete' })
  const state = async () =>
    ((await (await service.call('GET', `jobs/ingest/${job.id}`)).json()) as { state: string }).state
  await expect.poll(state, { timeout: 30_000 }).toBe('JobComplete')
  const { text, ...summary } = await query('SELECT Name FROM Account')
  expect(text.split('\n')).toHaveLength(20_002)
  expect(summary).toMatchObject({ api: 'bulk', rows: 20_000 })
  expect(service.count('GET', /\/query\?/)).toBe(1)
})

describe('values are spelt the same whichever way they came', () => {
  const invoices = [
    { Name: 'empty' },
    {
      Name: 'all "kinds",\r\nof text\tand Zoë 😀',
      Legacy_Id__c: 12345678,
      Quantity__c: 5,
      Weight__c: 0.00012,
      Amount__c: 1234567.5,
      Tax_Rate__c: 20,
      Issued_On__c: '2024-02-29',
      Pickup_Time__c: '10:15:30.000Z',
      Paid__c: true,
      Tags__c: 'Urgent;Export',
      Status__c: 'Sent',
      Billing_Email__c: 'a@example.com',
      Notes__c: '2024-01-02T03:04:05.000+0000',
      Remark__c: '12345678901234567890',
      Contact_Phone__c: '+43 1 234',
    },
    { Name: 'n', Quantity__c: -1, Amount__c: 99999999.99, Tax_Rate__c: 12.5, Notes__c: 'true', Remark__c: 'null' },
  ]
  const selectable = ({ fields }: ObjectDescription) =>
    fields.filter(({ type }) => !['address', 'location', 'base64'].includes(type)).map(({ name }) => name)

  test('every field of every object of the local org', async () => {
    const service = await startTestOrg()
    const [account = ''] = await insert(service, 'Account', [
      { Name: 'A', AnnualRevenue: 912260031, NumberOfEmployees: 145000, BillingLatitude: 48.2, BillingLongitude: 16 },
      { Name: 'B', AnnualRevenue: 0 },
    ])
    await insert(service, 'Contact', [
      { LastName: 'C', AccountId: account, Birthdate: '1980-01-31', DoNotCall: true },
      { LastName: 'D' },
    ])
    await insert(service, 'Opportunity', [
      { Name: 'O', StageName: 'Prospecting', CloseDate: '2030-01-01', Amount: 10000000, Probability: 10 },
    ])
    await insert(service, 'Task', [{ Subject: 'Call', ReminderDateTime: '2024-01-02T03:04:05.000Z' }])
    await insert(service, 'Invoice__c', invoices)
    const query = await connectTo(service)
    const { sobjects } = (await (await service.call('GET', 'sobjects')).json()) as { sobjects: { name: string }[] }
    const seen = new Set<string>()
    for (const { name } of sobjects) {
      const object = (await (await service.call('GET', `sobjects/${name}/describe`)).json()) as ObjectDescription
      const soql = `SELECT ${selectable(object).join(', ')} FROM ${name} ORDER BY Id`
      const [page, job] = [await query(soql), await query(soql, 'bulk')]
      expect(page.text).toBe(job.text)
      expect([page.api, job.api]).toEqual(['rest', 'bulk'])
      if (page.rows > 0) for (const { type } of object.fields) seen.add(type)
    }
    const kinds =
      'id string boolean reference picklist multipicklist textarea double currency percent int date datetime time email phone url'
    expect([...seen]).toEqual(expect.arrayContaining(kinds.split(' ')))
  })

  test.each([
    [
      'parents, some of them empty',
      'SELECT lastname, account.name, Account.owner.Username, Account.CreatedDate FROM contact',
    ],
    [
      'a parent that is empty everywhere',
      "SELECT account.owner.username, Owner.Name FROM Contact WHERE LastName = 'D'",
    ],
    ['no rows', "SELECT id, lastname, account.parent.name, systemmodstamp FROM contact WHERE LastName = 'nobody'"],
    ['a text that looks like a date', "SELECT LastName, Description, CreatedDate FROM Contact WHERE LastName = 'C'"],
  ])('%s', async (_, soql) => {
    const service = await startTestOrg()
    const [account] = await insert(service, 'Account', [{ Name: 'A', AnnualRevenue: 5 }])
    const looksLikeDate = '2024-01-02T03:04:05.000+0000'
    await insert(service, 'Contact', [
      { LastName: 'C', AccountId: account, Description: looksLikeDate },
      { LastName: 'D' },
    ])
    const query = await connectTo(service)
    const page = await query(soql)
    expect(page.api).toBe('rest')
    expect(page.text).toBe((await query(soql, 'bulk')).text)
  })
})
