import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { load, refusal, waitForEnd } from './bulk-calls.ts'

async function startWithContacts(rows: number, options: Parameters<typeof startTestOrg>[0] = {}): Promise<TestOrg> {
  const org = await startTestOrg(options)
  const lines = Array.from({ length: rows }, (_, index) => `Person ${String(index).padStart(6, '0')}`)
  await load(org, { object: 'Contact' }, `LastName\n${lines.join('\n')}\n`)
  return org
}

async function query(org: TestOrg, soql: string, change: object = {}): Promise<string> {
  const response = await org.call('POST', 'jobs/query', { operation: 'query', query: soql, ...change })
  const { id } = (await response.json()) as { id: string }
  await waitForEnd(org, `jobs/query/${id}`)
  return id
}

describe('a Bulk API 2.0 query', () => {
  it('is described by the keys of the service', async () => {
    const org = await startWithContacts(3)
    const soql = 'SELECT Id, lastname FROM contact'
    const created = await org.call('POST', 'jobs/query', { operation: 'query', query: soql, contentType: 'CSV' })
    const job = (await created.json()) as { id: string }
    expect(job).toMatchObject({ operation: 'query', object: 'Contact', state: 'UploadComplete', apiVersion: 66 })
    expect(await waitForEnd(org, `jobs/query/${job.id}`)).toMatchObject({
      state: 'JobComplete',
      jobType: 'V2Query',
      numberRecordsProcessed: 3,
      retries: 0,
    })
    expect((await org.call('GET', `jobs/ingest/${job.id}`)).status).toBe(404)
  })

  it('gives its rows page by page, the header on each, and the same page again for the same locator', async () => {
    const org = await startWithContacts(2500)
    const id = await query(org, 'SELECT LastName FROM Contact ORDER BY LastName')
    const names: string[] = []
    const locators: (string | null)[] = []
    let path: string | undefined = `jobs/query/${id}/results?maxRecords=1100`
    while (path !== undefined) {
      const response: Response = await org.call('GET', path)
      const [header, ...lines] = (await response.text()).trimEnd().split('\n')
      expect(header).toBe('"LastName"')
      expect(response.headers.get('sforce-numberofrecords')).toBe(String(lines.length))
      names.push(...lines)
      const locator = response.headers.get('sforce-locator')
      locators.push(locator)
      path = locator === 'null' ? undefined : `jobs/query/${id}/results?maxRecords=1100&locator=${locator}`
    }
    expect(locators).toEqual(['MTEwMA', 'MjIwMA', 'null'])
    expect(names).toEqual(Array.from({ length: 2500 }, (_, index) => `"Person ${String(index).padStart(6, '0')}"`))
    const again = await (await org.call('GET', `jobs/query/${id}/results?maxRecords=2&locator=MjIwMA`)).text()
    expect(again).toBe('"LastName"\n"Person 002200"\n"Person 002201"\n')
    expect(await refusal(await org.call('GET', `jobs/query/${id}/results?locator=MjUwMA`))).toMatchObject({
      errorCode: 'INVALID_QUERY_LOCATOR',
    })
  })

  it('gives the addresses of five pages at a time', async () => {
    const org = await startWithContacts(1150, { pageRows: 100 })
    const id = await query(org, 'SELECT LastName FROM Contact ORDER BY LastName')
    interface Pages {
      readonly resultPages: readonly { readonly resultUrl: string }[]
      readonly nextRecordsUrl: string | null
      readonly done: boolean
    }
    const groups: number[] = []
    const names: string[] = []
    let next: string | null = `/services/data/v66.0/jobs/query/${id}/resultPages`
    while (next !== null) {
      const pages = (await (await org.call('GET', next)).json()) as Pages
      groups.push(pages.resultPages.length)
      expect(pages.done).toBe(pages.nextRecordsUrl === null)
      for (const { resultUrl } of pages.resultPages) {
        names.push(...(await (await org.call('GET', resultUrl)).text()).trimEnd().split('\n').slice(1))
      }
      next = pages.nextRecordsUrl
    }
    expect(groups).toEqual([5, 5, 2])
    expect(names).toEqual(Array.from({ length: 1150 }, (_, index) => `"Person ${String(index).padStart(6, '0')}"`))
  })

  it('gives the header alone when there are no rows', async () => {
    const org = await startTestOrg()
    const id = await query(org, 'SELECT Id, Name FROM Account')
    const response = await org.call('GET', `jobs/query/${id}/results`)
    expect(await response.text()).toBe('"Id","Name"\n')
    expect(response.headers.get('sforce-locator')).toBe('null')
    expect(response.headers.get('sforce-numberofrecords')).toBe('0')
    const pages = (await (await org.call('GET', `jobs/query/${id}/resultPages`)).json()) as { resultPages: object[] }
    expect(pages.resultPages).toHaveLength(1)
  })

  it('spells values as the service does, with the delimiter and line ending of the job', async () => {
    const org = await startTestOrg()
    const csv = 'Name,AnnualRevenue,NumberOfEmployees,Phone\n"A ""B""\nC",912260031,7,\n'
    await load(org, { object: 'Account' }, csv)
    const soql = 'SELECT Name, AnnualRevenue, NumberOfEmployees, Phone, IsDeleted FROM Account'
    const id = await query(org, soql, { columnDelimiter: 'PIPE', lineEnding: 'CRLF' })
    expect(await (await org.call('GET', `jobs/query/${id}/results`)).text()).toBe(
      '"Name"|"AnnualRevenue"|"NumberOfEmployees"|"Phone"|"IsDeleted"\r\n' +
        '"A ""B""\nC"|"9.12260031E8"|"7"|""|"false"\r\n',
    )
  })

  it('keeps its rows as they were', async () => {
    const org = await startWithContacts(3)
    const id = await query(org, 'SELECT LastName FROM Contact')
    await load(org, { object: 'Contact' }, 'LastName\nLate\n')
    expect((await (await org.call('GET', `jobs/query/${id}/results`)).text()).split('\n')).toHaveLength(5)
  })

  it.each([
    ['SELEKT Id FROM Account', 'MALFORMED_QUERY'],
    ['SELECT Bacon__c FROM Account', 'INVALID_FIELD'],
    ['SELECT Id FROM Nothing__c', 'INVALID_TYPE'],
    ['SELECT BillingAddress FROM Account', 'API_ERROR'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'API_ERROR'],
    ['SELECT COUNT(Id) FROM Account', 'API_ERROR'],
  ])('is refused at once: %s', async (soql, errorCode) => {
    const org = await startTestOrg()
    const response = await org.call('POST', 'jobs/query', { operation: 'query', query: soql })
    expect(await refusal(response)).toMatchObject({ status: 400, errorCode })
  })

  it('is read with the version that it was created with', async () => {
    const org = await startTestOrg()
    const id = await query(org, 'SELECT Id FROM Account')
    expect((await org.call('GET', `/services/data/v65.0/jobs/query/${id}/results`)).status).toBe(409)
    expect((await org.call('GET', `/services/data/v57.0/jobs/query/${id}/resultPages`)).status).toBe(404)
  })

  it('reads deleted rows when it is a queryAll', async () => {
    const org = await startTestOrg()
    const { successful } = await load(org, { object: 'Account' }, 'Name\nAda\n')
    await load(org, { object: 'Account', operation: 'delete' }, `Id\n${successful[0]?.sf__Id}\n`)
    const rows = async (operation: string) => {
      const id = await query(org, 'SELECT Name, IsDeleted FROM Account', { operation })
      return await (await org.call('GET', `jobs/query/${id}/results`)).text()
    }
    expect(await rows('query')).toBe('"Name","IsDeleted"\n')
    expect(await rows('queryAll')).toBe('"Name","IsDeleted"\n"Ada","true"\n')
  })

  it('is aborted while it runs and deleted when it has ended', async () => {
    const org = await startTestOrg({ neverFinish: true })
    const response = await org.call('POST', 'jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' })
    const path = `jobs/query/${((await response.json()) as { id: string }).id}`
    expect(await refusal(await org.call('DELETE', path))).toMatchObject({
      status: 400,
      errorCode: 'API_ERROR',
      message: 'Error encountered when deleting the job because the job is not terminated',
    })
    expect((await org.call('PATCH', path, { state: 'Aborted' })).status).toBe(200)
    expect((await org.call('DELETE', path)).status).toBe(204)
    expect((await org.call('GET', path)).status).toBe(404)
  })
})
