import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { refusal } from './bulk-calls.ts'

describe('versions', () => {
  it('are listed without a session and not counted', async () => {
    const org = await startTestOrg()
    const response = await fetch(`${org.url}/services/data/`)
    const versions = (await response.json()) as object[]
    expect(versions[0]).toEqual({ label: "Summer '14", url: '/services/data/v31.0', version: '31.0' })
    expect(versions.at(-1)).toEqual({ label: "Spring '26", url: '/services/data/v66.0', version: '66.0' })
    expect(response.headers.get('sforce-limit-info')).toBeNull()
    expect(org.countedCalls()).toBe(0)
  })

  it('each tell their resources, and where to ask who is asking', async () => {
    const org = await startTestOrg()
    const resources = (await (await org.call('GET', '/services/data/v66.0/')).json()) as Record<string, string>
    expect(resources.sobjects).toBe('/services/data/v66.0/sobjects')
    const identity = await org.call('GET', new URL(resources.identity ?? '').pathname)
    expect(await identity.json()).toMatchObject({ id: resources.identity, username: expect.stringContaining('@') })
  })

  it('that are retired are gone, unknown ones and unknown paths are not found', async () => {
    const org = await startTestOrg()
    const ask = async (path: string, method = 'GET') => refusal(await org.call(method, path))
    expect(await ask('/services/data/v30.0/sobjects')).toMatchObject({ status: 410, errorCode: 'GONE' })
    expect(await ask('/services/data/v67.0/sobjects')).toMatchObject({ status: 404, errorCode: 'NOT_FOUND' })
    expect(await ask('nothing')).toMatchObject({ status: 404, errorCode: 'NOT_FOUND' })
    expect(await ask('/services/data/v40.0/jobs/ingest')).toMatchObject({ status: 404 })
    expect(await ask('limits', 'DELETE')).toEqual({
      status: 405,
      errorCode: 'METHOD_NOT_ALLOWED',
      message: "HTTP Method 'DELETE' not allowed. Allowed are GET",
    })
  })
})

describe('limits', () => {
  it('are counted live', async () => {
    const org = await startTestOrg({ dailyApiRequests: 1000 })
    await org.call('GET', 'sobjects')
    const limits = (await (await org.call('GET', 'limits')).json()) as Record<string, object>
    expect(limits.DailyApiRequests).toEqual({ Max: 1000, Remaining: 998 })
  })

  it('end the day for every call but logins', async () => {
    const org = await startTestOrg({ dailyApiRequests: 1 })
    expect((await org.call('GET', 'sobjects')).status).toBe(200)
    expect(await refusal(await org.call('GET', 'sobjects'))).toEqual({
      status: 403,
      errorCode: 'REQUEST_LIMIT_EXCEEDED',
      message: 'TotalRequests Limit exceeded.',
    })
    expect((await fetch(`${org.url}/services/data`)).status).toBe(200)
  })
})

describe('descriptions', () => {
  it('name every object, and every field of one', async () => {
    const org = await startTestOrg()
    const { sobjects } = (await (await org.call('GET', 'sobjects')).json()) as { sobjects: Record<string, unknown>[] }
    const account = sobjects.find(({ name }) => name === 'Account')
    expect(account).toMatchObject({ keyPrefix: '001', createable: true, urls: { sobject: expect.any(String) } })
    expect(account).not.toHaveProperty('fields')
    const described = (await (await org.call('GET', 'sobjects/account/describe')).json()) as {
      name: string
      fields: { name: string }[]
    }
    expect(described.name).toBe('Account')
    expect(described.fields.map(({ name }) => name)).toContain('ERP_Id__c')
    expect(described).not.toHaveProperty('fieldByName')
    expect((await org.call('GET', 'sobjects/Nothing__c/describe')).status).toBe(404)
  })
})

describe('records', () => {
  it('are created, read, changed and deleted one by one', async () => {
    const org = await startTestOrg()
    const created = await org.call('POST', 'sobjects/Account', { Name: 'Ada', NumberOfEmployees: 5 })
    const { id } = (await created.json()) as { id: string }
    expect([created.status, created.headers.get('location')]).toEqual([
      201,
      `/services/data/v66.0/sobjects/Account/${id}`,
    ])
    expect((await org.call('PATCH', `sobjects/Account/${id}`, { NumberOfEmployees: null })).status).toBe(204)
    expect((await org.call('POST', `sobjects/Account/${id}?_HttpMethod=PATCH`, { Phone: '1' })).status).toBe(204)
    const read = await org.call('GET', `sobjects/Account/${id}?fields=Name,NumberOfEmployees`)
    expect(await read.json()).toMatchObject({ Id: id, Name: 'Ada', NumberOfEmployees: null })
    expect((await org.call('DELETE', `sobjects/Account/${id}`)).status).toBe(204)
    expect(await refusal(await org.call('DELETE', `sobjects/Account/${id}`))).toMatchObject({
      status: 404,
      errorCode: 'ENTITY_IS_DELETED',
    })
    expect((await org.call('GET', `sobjects/Account/${id}`)).status).toBe(404)
  })

  it('are refused in the words of the service', async () => {
    const org = await startTestOrg()
    expect(await refusal(await org.call('POST', 'sobjects/Contact', { FirstName: 'Ada' }))).toEqual({
      status: 400,
      errorCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [LastName]',
      fields: ['LastName'],
    })
    expect(await refusal(await org.call('POST', 'sobjects/Account', { Bacon__c: 'x' }))).toMatchObject({
      status: 400,
      errorCode: 'INVALID_FIELD',
    })
    const notJson = await org.call('POST', 'sobjects/Account', '{', { 'Content-Type': 'application/json' })
    expect(await refusal(notJson)).toMatchObject({ status: 400, errorCode: 'JSON_PARSER_ERROR' })
    expect((await org.call('POST', 'sobjects/Account', '{}', { 'Content-Type': 'text/plain' })).status).toBe(415)
  })

  it('are upserted by an external ID, with parents by theirs', async () => {
    const org = await startTestOrg()
    const account = await org.call('PATCH', 'sobjects/Account/ERP_Id__c/A%2F1', { Name: 'Ada' })
    expect([account.status, await account.json()]).toMatchObject([201, { success: true, created: true }])
    const again = await org.call('PATCH', 'sobjects/Account/ERP_Id__c/A%2F1', { Name: 'Adam' })
    expect([again.status, await again.json()]).toMatchObject([200, { success: true, created: false }])
    const contact = { LastName: 'Byron', Account: { ERP_Id__c: 'A/1' } }
    expect((await org.call('POST', 'sobjects/Contact', contact)).status).toBe(201)
    const query = encodeURIComponent("SELECT LastName, Account.Name FROM Contact WHERE Account.ERP_Id__c = 'A/1'")
    expect(await (await org.call('GET', `query?q=${query}`)).json()).toMatchObject({
      totalSize: 1,
      done: true,
      records: [{ LastName: 'Byron', Account: { Name: 'Adam' } }],
    })
    const byKey = await org.call('GET', 'sobjects/Account/ERP_Id__c/A%2F1?fields=Name')
    expect(await byKey.json()).toMatchObject({ Name: 'Adam' })
    expect(await refusal(await org.call('PATCH', 'sobjects/Account/Phone/1', {}))).toMatchObject({ status: 404 })
  })

  it('are written in collections, each with its own answer', async () => {
    const org = await startTestOrg()
    const records = [
      { attributes: { type: 'Account' }, Name: 'Ada' },
      { attributes: { type: 'Contact' }, FirstName: 'Nobody' },
      { attributes: { type: 'Contact' }, LastName: 'Byron' },
    ]
    const some = (await (await org.call('POST', 'composite/sobjects', { records })).json()) as { success: boolean }[]
    expect(some.map(({ success }) => success)).toEqual([true, false, true])
    expect(some[1]).toEqual({
      success: false,
      errors: [
        {
          statusCode: 'REQUIRED_FIELD_MISSING',
          message: 'Required fields are missing: [LastName]',
          fields: ['LastName'],
        },
      ],
    })
    const none = await org.call('POST', 'composite/sobjects', { allOrNone: true, records })
    expect(await none.json()).toMatchObject([
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
      { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] },
    ])
    const counts = (await (await org.call('GET', 'limits/recordCount?sObjects=Account,Contact')).json()) as object
    expect(counts).toEqual({
      sObjects: [
        { count: 1, name: 'Account' },
        { count: 1, name: 'Contact' },
      ],
    })
    const tooMany = Array.from({ length: 201 }, () => ({ attributes: { type: 'Account' }, Name: 'x' }))
    expect(await refusal(await org.call('POST', 'composite/sobjects', { records: tooMany }))).toMatchObject({
      status: 400,
      errorCode: 'EXCEEDED_ID_LIMIT',
    })
  })
})

describe('queries', () => {
  it('are refused in the words of the service', async () => {
    const org = await startTestOrg()
    const ask = async (soql: string) => refusal(await org.call('GET', `query?q=${encodeURIComponent(soql)}`))
    expect(await ask('SELECT Bacon__c FROM Account')).toMatchObject({
      status: 400,
      errorCode: 'INVALID_FIELD',
      message: expect.stringContaining("No such column 'Bacon__c' on entity 'Account'"),
    })
    expect(await ask('SELECT Id FROM Nothing__c')).toMatchObject({ errorCode: 'INVALID_TYPE' })
    expect(await refusal(await org.call('GET', 'query/01gLc0000000001AAA-2000'))).toEqual({
      status: 400,
      errorCode: 'INVALID_QUERY_LOCATOR',
      message: 'invalid query locator',
    })
    expect(await refusal(await org.call('GET', 'query'))).toMatchObject({ errorCode: 'MALFORMED_QUERY' })
  })

  it('count without giving rows', async () => {
    const org = await startTestOrg()
    const response = await org.call('GET', `query?q=${encodeURIComponent('SELECT COUNT() FROM User')}`)
    expect(await response.json()).toEqual({ totalSize: 1, done: true, records: [] })
  })
})

describe('requests in one call', () => {
  const ask = async (org: Awaited<ReturnType<typeof startTestOrg>>, ...compositeRequest: readonly object[]) => {
    const response = await org.call('POST', 'composite', { compositeRequest })
    const { compositeResponse } = (await response.json()) as { compositeResponse?: readonly Record<string, unknown>[] }
    return { status: response.status, answers: compositeResponse ?? [] }
  }
  const url = '/services/data/v66.0/sobjects/Account'

  it('are answered one by one, and count as one', async () => {
    const org = await startTestOrg()
    const { answers } = await ask(
      org,
      { method: 'POST', url, referenceId: 'one', body: { Name: 'Engine' } },
      { method: 'POST', url, referenceId: 'two', body: { Phone: '1' } },
      { method: 'GET', url: '/services/data/v66.0/query?q=SELECT%20Name%20FROM%20Account', referenceId: 'three' },
    )
    expect(answers).toMatchObject([
      { referenceId: 'one', httpStatusCode: 201, body: { success: true } },
      { referenceId: 'two', httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
      { referenceId: 'three', httpStatusCode: 200, body: { totalSize: 1 } },
    ])
    expect(org.countedCalls()).toBe(1)
  })

  it('have headers of their own, such as a condition', async () => {
    const org = await startTestOrg()
    const created = (await (await org.call('POST', 'sobjects/Account', { Name: 'Engine' })).json()) as { id: string }
    const change = (referenceId: string, time: number, Name: string) => {
      const httpHeaders = { 'If-Unmodified-Since': new Date(time).toUTCString() }
      return { method: 'PATCH', url: `${url}/${created.id}`, referenceId, httpHeaders, body: { Name } }
    }
    const { answers } = await ask(org, change('old', 0, 'Old'), change('new', Date.now() + 60_000, 'New'))
    expect(answers).toMatchObject([
      { httpStatusCode: 412, body: [{ errorCode: 'PRECONDITION_FAILED' }] },
      { httpStatusCode: 204, body: null },
    ])
  })

  it('are 25 at most, each with a name of its own', async () => {
    const org = await startTestOrg()
    const read = (referenceId: string) => ({ method: 'GET', url, referenceId })
    const many = Array.from({ length: 26 }, (_, index) => read(`r${index}`))
    expect((await ask(org, ...many)).status).toBe(400)
    expect((await ask(org, read('a'), read('a'))).status).toBe(400)
  })
})
