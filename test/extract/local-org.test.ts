import { describe, expect, test } from 'vitest'
import type { JobInfo } from '../../src/bulk/job-info.ts'
import type { ExtractEvent } from '../../src/extract/events.ts'
import { type ExtractPlan, extract } from '../../src/extract/extract.ts'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import type { ObjectDescription } from '../../src/org/object-description.ts'
import { fakeTools, openOrg } from '../org/dialogue.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { collect } from './query-dialogue.ts'

async function startOrgWith(rows: readonly object[], options: Partial<OrgOptions> = {}) {
  const service = await startTestOrg(options)
  for (let from = 0; from < rows.length; from += 200) {
    const records = rows.slice(from, from + 200).map((row) => ({ attributes: { type: 'Account' }, ...row }))
    await service.call('POST', 'composite/sobjects', { allOrNone: true, records })
  }
  const { org } = openOrg(service.url, fakeTools())
  const authorised: typeof org = {
    ...org,
    send: (request) =>
      org.send({ ...request, headers: { ...request.headers, authorization: `Bearer ${service.accessToken}` } }),
    describe: async (object) =>
      (await (await service.call('GET', `sobjects/${object}/describe`)).json()) as ObjectDescription,
  }
  const query = async (soql: string, plan: Partial<ExtractPlan> = {}) => {
    const output = collect()
    const events: ExtractEvent[] = []
    const signal = new AbortController().signal
    const tools = { org: authorised, signal, report: (event: ExtractEvent) => events.push(event) }
    const summary = await extract({ soql, all: false, names: new Map(), output, ...plan }, tools)
    const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
    return { ...summary, text: output.text(), notes }
  }
  return { service, query }
}

const accounts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Name: `Zoë "${index}",\nInc.`, AccountNumber: String(index) }))

/** Page ends inside a cell, at a row's end, in the middle of a character: wherever it falls. */
const faults = [
  { method: 'GET', path: '/results', cutBody: 1_111 },
  { method: 'GET', path: '/results', nth: 3, cutBody: 2_222 },
]

describe('a query on the local org', () => {
  test('comes as it was written, page by page, although pages break off', async () => {
    const { query } = await startOrgWith(accounts(400), { pageRows: 150, faults })
    const { text, rows, pages } = await query('SELECT AccountNumber, Name FROM Account ORDER BY AccountNumber', {
      api: 'bulk',
    })
    expect({ rows, pages }).toEqual({ rows: 400, pages: 3 })
    const expected = accounts(400)
      .sort((a, b) => (a.AccountNumber < b.AccountNumber ? -1 : 1))
      .map(({ AccountNumber, Name }) => `"${AccountNumber}","${Name.replaceAll('"', '""')}"\n`)
    expect(text).toBe(`"AccountNumber","Name"\n${expected.join('')}`)
  })

  test('without rows is its header line', async () => {
    const { query } = await startOrgWith([])
    expect(await query('SELECT Id, Name FROM Account')).toMatchObject({ rows: 0, text: '"Id","Name"\n' })
  })

  test('reads an address by its parts', async () => {
    const { query } = await startOrgWith([{ Name: 'A', BillingCity: 'Wien' }])
    const { text, notes } = await query('SELECT Name, BillingAddress FROM Account')
    expect(text.split('\n')[0]).toMatch(/^"Name","BillingStreet","BillingCity",/)
    expect(text).toContain('"A","","Wien",')
    expect(notes).toHaveLength(1)
  })

  test.each([
    ['SELECT COUNT() FROM Account', '"count"\n"3"\n'],
    [
      'SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry ORDER BY Industry',
      '"Industry","expr0"\n"Banking","1"\n"Energy","2"\n',
    ],
    ["SELECT Name, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'A'", '"Name","Contacts"\n"A",""\n'],
    ['SELECT Name FROM Account ORDER BY Name LIMIT 1 OFFSET 1', '"Name"\n"B"\n'],
  ])('that only the synchronous API answers gives rows as well: %s', async (soql, csv) => {
    const { query } = await startOrgWith([
      { Name: 'A', Industry: 'Energy' },
      { Name: 'B', Industry: 'Energy' },
      { Name: 'C', Industry: 'Banking' },
    ])
    expect((await query(soql)).text).toBe(csv)
  })

  test.each([
    ['SELECT Nmae FROM Account', 'INVALID_FIELD'],
    ['SELECT Id FROM Acount', 'INVALID_TYPE'],
    ['SELEKT Id FROM Account', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Account WHERE CreatedDate > 2024-01-31T00:00:00', 'MALFORMED_QUERY'],
  ])('that is wrong is a usage error: %s', async (soql, code) => {
    const { query } = await startOrgWith([])
    await expect(query(soql)).rejects.toMatchObject({ exit: 'usage', code, hint: expect.any(String) })
  })

  test('reads more rows than fit a call of the list of pages, in their order', async () => {
    const { query, service } = await startOrgWith([], { pageRows: 8_000 })
    const names = Array.from({ length: 50_100 }, (_, index) => `n${String(index).padStart(6, '0')}`)
    await insertByBulk(service, `Name\n${names.join('\n')}\n`)
    const { text, pages, rows } = await query('SELECT Name FROM Account ORDER BY Name')
    expect({ pages, rows, lists: service.count('GET', /resultpages/i) }).toEqual({ pages: 7, rows: 50_100, lists: 2 })
    expect(text === `"Name"\n${names.map((name) => `"${name}"\n`).join('')}`).toBe(true)
  })
})

async function insertByBulk(service: TestOrg, csv: string): Promise<void> {
  const job = { object: 'Account', operation: 'insert', contentType: 'CSV' }
  const created = (await (await service.call('POST', 'jobs/ingest', job)).json()) as JobInfo
  await service.call('PUT', `jobs/ingest/${created.id}/batches`, csv, { 'Content-Type': 'text/csv' })
  await service.call('PATCH', `jobs/ingest/${created.id}`, { state: 'UploadComplete' })
  const state = async () => ((await (await service.call('GET', `jobs/ingest/${created.id}`)).json()) as JobInfo).state
  await expect.poll(state, { timeout: 30_000 }).toBe('JobComplete')
}
