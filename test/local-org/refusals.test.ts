import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { load, refusal, waitForEnd } from './bulk-calls.ts'
import { callSoap, sObject } from './soap-calls.ts'

async function createRecord(org: TestOrg, type: string, record: object): Promise<string> {
  const response = await org.call('POST', `sobjects/${type}`, record)
  return ((await response.json()) as { id: string }).id
}

async function names(org: TestOrg): Promise<unknown[]> {
  const answer = await org.call('GET', `query?q=${encodeURIComponent('SELECT Name FROM Account ORDER BY Name')}`)
  const { records } = (await answer.json()) as { records: { Name: string }[] }
  return records.map(({ Name }) => Name)
}

const specified = 'Cannot specify both an external ID reference Account and a salesforce id, AccountId'

describe('a Bulk API 2.0 job', () => {
  it('takes an assignment rule from 49.0 on, for objects that have such rules, by its Id', async () => {
    const org = await startTestOrg()
    const create = async (object: string, assignmentRuleId: string, version = 'v66.0') =>
      refusal(
        await org.call('POST', `/services/data/${version}/jobs/ingest`, {
          object,
          operation: 'insert',
          assignmentRuleId,
        }),
      )
    expect(await create('Case', '01Q000000000001EAA')).toMatchObject({ status: 200 })
    expect(await create('Case', '01Q000000000001EAA', 'v48.0')).toMatchObject({ errorCode: 'JSON_PARSER_ERROR' })
    expect(await create('Opportunity', '01Q000000000001EAA')).toMatchObject({ status: 400, errorCode: 'INVALIDJOB' })
    expect(await create('Case', 'everyone')).toMatchObject({ status: 400, errorCode: 'INVALIDJOB' })
  })

  it('comes with its content in parts that say what they are', async () => {
    const org = await startTestOrg()
    const job = '{"object":"Account","operation":"insert"}'
    const send = async (jobType: string, contentType: string) => {
      const parts = [
        `Content-Disposition: form-data; name="job"\r\nContent-Type: ${jobType}\r\n\r\n${job}`,
        `Content-Disposition: form-data; name="content"\r\nContent-Type: ${contentType}\r\n\r\nName\nAlpha\n`,
      ]
      const body = `${parts.map((part) => `--edge\r\n${part}\r\n`).join('')}--edge--\r\n`
      const headers = { 'Content-Type': 'multipart/form-data; boundary=edge' }
      return refusal(await org.call('POST', 'jobs/ingest', body, headers))
    }
    expect(await send('application/json', 'text/csv; charset=UTF-8')).toMatchObject({ status: 200 })
    expect(await send('text/plain', 'text/csv')).toMatchObject({ status: 400, errorCode: 'INVALIDJOB' })
    expect(await send('application/json', 'application/json')).toMatchObject({ status: 400, errorCode: 'INVALIDJOB' })
  })

  it('rejects every row of a key that comes twice, the last row of the upload too', async () => {
    const org = await startTestOrg()
    const job = { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' }
    const rows = Array.from({ length: 198 }, (_, index) => `K-${index},Name ${index}\n`)
    const { failed } = await load(org, job, `ERP_Id__c,Name\nTwice,First\n${rows.join('')}Twice,Second\n`)
    expect(failed.map(({ Name }) => Name).sort()).toEqual(['First', 'Second'])
  })

  it('rejects a row that names its parent by Id and by external ID', async () => {
    const org = await startTestOrg()
    const id = await createRecord(org, 'Account', { Name: 'Alpha', ERP_Id__c: 'A' })
    const { successful, failed } = await load(
      org,
      { object: 'Contact' },
      `LastName,AccountId,Account.ERP_Id__c\nBoth,${id},A\nById,${id},\nByKey,,A\n`,
    )
    expect(successful.map(({ LastName }) => LastName).sort()).toEqual(['ById', 'ByKey'])
    expect(failed.map(({ sf__Error }) => sf__Error)).toEqual([`INVALID_FIELD:${specified}:--`])
  })

  it('rejects a null for a field that cannot be written', async () => {
    const org = await startTestOrg()
    const { failed } = await load(org, { object: 'Account' }, 'Name,CreatedDate\nAlpha,#N/A\nBeta,\n')
    expect(failed).toMatchObject([{ Name: 'Alpha', sf__Error: expect.stringMatching(/^INVALID_FIELD_FOR_INSERT/) }])
  })
})

describe('a file', () => {
  it('is linked to a record once', async () => {
    const org = await startTestOrg()
    const LinkedEntityId = await createRecord(org, 'Account', { Name: 'Alpha' })
    const version = await createRecord(org, 'ContentVersion', { PathOnClient: 'a.txt', VersionData: 'YQ==' })
    const { ContentDocumentId } = (await (await org.call('GET', `sobjects/ContentVersion/${version}`)).json()) as {
      ContentDocumentId: string
    }
    const link = () => org.call('POST', 'sobjects/ContentDocumentLink', { ContentDocumentId, LinkedEntityId })
    expect((await link()).status).toBe(201)
    const [document, entity] = [ContentDocumentId, LinkedEntityId].map((id) => id.slice(0, 15))
    expect(await refusal(await link())).toMatchObject({
      errorCode: 'DUPLICATE_VALUE',
      message: `Document with ID: ${document} is already linked with the entity with ID: ${entity}`,
    })
  })

  it('says under which name it was found', async () => {
    const org = await startTestOrg()
    const body = { Title: 'a', VersionData: 'YQ==' }
    expect(await refusal(await org.call('POST', 'sobjects/ContentVersion', body))).toMatchObject({
      message: 'Required fields are missing: [PathOnClient]',
    })
  })
})

describe('a query', () => {
  it('gives its columns in the order of the alphabet before 50.0', async () => {
    const org = await startTestOrg()
    await createRecord(org, 'Account', { Name: 'Alpha', Phone: '1' })
    const read = async (version: string): Promise<string> => {
      const base = `/services/data/${version}/jobs/query`
      const body = { operation: 'query', query: 'SELECT Phone, Name FROM Account' }
      const { id } = (await (await org.call('POST', base, body)).json()) as { id: string }
      await waitForEnd(org, `${base}/${id}`)
      return await (await org.call('GET', `${base}/${id}/results`)).text()
    }
    expect(await read('v49.0')).toBe('"Name","Phone"\n"Alpha","1"\n')
    expect(await read('v50.0')).toBe('"Phone","Name"\n"1","Alpha"\n')
  })

  it('has 100,000 characters at most, whichever way it is asked', async () => {
    const org = await startTestOrg()
    const names = Array.from({ length: 10_000 }, (_, index) => `'${String(index).padStart(8, '0')}'`)
    const query = `SELECT Id FROM Account WHERE Name IN (${names.join(',')})`
    const message = 'SOQL statements cannot be longer than 100000 characters.'
    expect(await refusal(await org.call('POST', 'jobs/query', { operation: 'query', query }))).toMatchObject({
      message,
    })
    expect(await callSoap(org, `<query><queryString>${query}</queryString></query>`)).toMatchObject({ status: 500 })
  })

  it('escapes in its texts what SOQL can escape', async () => {
    const org = await startTestOrg()
    const ask = async (text: string) =>
      refusal(
        await org.call('GET', `query?q=${encodeURIComponent(`SELECT Id FROM Account WHERE Name LIKE '${text}'`)}`),
      )
    expect(await ask(String.raw`a\'b\\x\n\u00e4\%\_\"`)).toMatchObject({ status: 200 })
    expect(await ask(String.raw`a\xb`)).toMatchObject({
      status: 400,
      message: expect.stringContaining(String.raw`Illegal character sequence '\x' in string literal.`),
    })
  })

  it('gives another name to what it groups or counts alone', async () => {
    const org = await startTestOrg()
    const ask = async (soql: string) => refusal(await org.call('GET', `query?q=${encodeURIComponent(soql)}`))
    expect(await ask('SELECT Name other FROM Account')).toMatchObject({
      status: 400,
      errorCode: 'MALFORMED_QUERY',
      message: expect.stringContaining('only aggregate expressions use field aliasing'),
    })
    expect(await ask('SELECT Name other, COUNT(Id) many FROM Account GROUP BY Name')).toMatchObject({ status: 200 })
  })
})

describe('a record by its external ID', () => {
  it('is not inserted where updates alone are wanted, which 61.0 knows first', async () => {
    const org = await startTestOrg()
    const path = 'sobjects/Account/ERP_Id__c/A?updateOnly=true'
    expect(await refusal(await org.call('PATCH', path, { Name: 'Alpha' }))).toMatchObject({ status: 404 })
    expect(await names(org)).toEqual([])
    expect((await org.call('PATCH', `/services/data/v60.0/${path}`, { Name: 'Alpha' })).status).toBe(201)
    expect((await org.call('PATCH', path, { Name: 'Beta' })).status).toBe(200)
    expect(await names(org)).toEqual(['Beta'])
  })

  it('has its key in the path alone', async () => {
    const org = await startTestOrg()
    const body = { Name: 'Alpha', erp_id__c: 'B' }
    expect(await refusal(await org.call('PATCH', 'sobjects/Account/ERP_Id__c/A', body))).toEqual({
      status: 400,
      errorCode: 'INVALID_FIELD',
      message: 'The ERP_Id__c field should not be specified in the sobject data.',
    })
  })

  it('is not read or deleted where several have it: they are listed', async () => {
    const org = await startTestOrg()
    const ids = [await createRecord(org, 'Invoice__c', { Legacy_Id__c: 7 })]
    ids.push(await createRecord(org, 'Invoice__c', { Legacy_Id__c: 7 }))
    for (const method of ['GET', 'DELETE']) {
      const answer = await org.call(method, 'sobjects/Invoice__c/Legacy_Id__c/7')
      expect(answer.status).toBe(300)
      expect(await answer.json()).toEqual(ids.map((id) => `/services/data/v66.0/sobjects/Invoice__c/${id}`))
    }
    expect((await org.call('GET', `sobjects/Invoice__c/${ids[0]}`)).status).toBe(200)
  })

  it('is asked for when the path names no Id', async () => {
    const org = await startTestOrg()
    expect(await refusal(await org.call('GET', 'sobjects/Account/updated'))).toEqual({
      status: 404,
      errorCode: 'NOT_FOUND',
      message: 'Provided external ID field does not exist or is not accessible: updated',
    })
  })
})

describe('a call for many records', () => {
  it('says of an Id that is none in its place, and deletes the others', async () => {
    const org = await startTestOrg()
    const id = await createRecord(org, 'Account', { Name: 'Alpha' })
    const answer = await org.call('DELETE', `composite/sobjects?ids=nonsense,${id}`)
    expect(await answer.json()).toMatchObject([
      { success: false, errors: [{ statusCode: 'MALFORMED_ID' }] },
      { success: true, id },
    ])
  })

  it('reads 2,000 at most, and upserts those of the object in its path', async () => {
    const org = await startTestOrg()
    const ids = Array.from({ length: 2001 }, () => '001000000000001AAA')
    const read = await org.call('POST', 'composite/sobjects/Account', { ids, fields: ['Id'] })
    expect(await refusal(read)).toMatchObject({ status: 400, errorCode: 'EXCEEDED_ID_LIMIT' })
    const records = [{ attributes: { type: 'Lead' }, ERP_Id__c: 'A', Name: 'Alpha' }]
    const upsert = await org.call('PATCH', 'composite/sobjects/Account/ERP_Id__c', { records })
    expect(await refusal(upsert)).toMatchObject({ status: 400, errorCode: 'INVALID_INPUT' })
  })

  it('holds five queries at most', async () => {
    const org = await startTestOrg()
    const ask = async (count: number) =>
      org.call('POST', 'composite', {
        compositeRequest: Array.from({ length: count }, (_, index) => ({
          method: 'GET',
          url: '/services/data/v66.0/query?q=SELECT+Id+FROM+Account',
          referenceId: `q${index}`,
        })),
      })
    expect((await ask(5)).status).toBe(200)
    expect(await refusal(await ask(6))).toMatchObject({ status: 400, errorCode: 'LIMIT_EXCEEDED' })
  })
})

describe('SOAP', () => {
  it('takes a record out of the bin once', async () => {
    const org = await startTestOrg()
    const id = await createRecord(org, 'Account', { Name: 'Alpha' })
    await callSoap(org, `<delete><ids>${id}</ids></delete>`)
    const { results } = await callSoap(org, `<undelete><ids>${id}</ids><ids>${id}</ids></undelete>`)
    expect(results).toMatchObject([{ success: 'true' }, { errors: { statusCode: 'UNDELETE_FAILED' } }])
  })

  it('takes a parent by external ID only of the object that the lookup refers to', async () => {
    const org = await startTestOrg()
    await callSoap(org, `<create>${sObject('Account', { Name: 'Alpha', ERP_Id__c: 'A' })}</create>`)
    const contact = (type: string): string =>
      `<create><sObjects><e:type>Contact</e:type><e:LastName>One</e:LastName><e:Account><e:type>${type}</e:type><e:ERP_Id__c>A</e:ERP_Id__c></e:Account></sObjects></create>`
    expect((await callSoap(org, contact('account'))).results).toMatchObject([{ success: 'true' }])
    expect(await callSoap(org, contact('Contact'))).toMatchObject({ status: 500 })
  })
})

describe('Bulk API 1.0', () => {
  it('is refused in its own form', async () => {
    const org = await startTestOrg()
    const answer = await org.call('POST', '/services/async/60.0/job', '<jobInfo/>', {
      'Content-Type': 'application/xml',
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/xml'])
    expect(await answer.text()).toContain('<exceptionCode>FeatureNotEnabled</exceptionCode>')
  })
})

describe('limits', () => {
  it('name the batches as the version does', async () => {
    const org = await startTestOrg()
    const keys = async (version: string) =>
      Object.keys((await (await org.call('GET', `/services/data/${version}/limits`)).json()) as object)
    expect(await keys('v48.0')).toContain('DailyBulkApiRequests')
    expect(await keys('v49.0')).toContain('DailyBulkApiBatches')
  })
})
