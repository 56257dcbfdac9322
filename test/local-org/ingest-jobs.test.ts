import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { create, load, refusal, submit, waitForEnd } from './bulk-calls.ts'

interface JobList {
  readonly done: boolean
  readonly records: readonly { readonly id: string }[]
  readonly nextRecordsUrl: string | null
}

describe('creating a Bulk API 2.0 job', () => {
  it('answers with the keys that the service answers with', async () => {
    const org = await startTestOrg()
    const response = await org.call('POST', 'jobs/ingest', {
      object: 'account',
      operation: 'upsert',
      externalIdFieldName: 'erp_id__c',
      contentType: 'CSV',
    })
    const text = await response.text()
    const { id, createdById, createdDate, systemModstamp, ...job } = JSON.parse(text)
    expect(id).toMatch(/^750[0-9A-Za-z]{15}$/)
    expect(createdById).toMatch(/^005/)
    expect(createdDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)
    expect(systemModstamp).toBe(createdDate)
    expect(job).toEqual({
      operation: 'upsert',
      object: 'Account',
      state: 'Open',
      externalIdFieldName: 'ERP_Id__c',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 66,
      contentUrl: `services/data/v66.0/jobs/ingest/${id}/batches`,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    })
    expect(text).toContain('"apiVersion":66.0')
    expect(response.headers.get('sforce-limit-info')).toBe('api-usage=1/100000')
  })

  it.each([
    [{ object: 'Nothing__c' }, 'INVALIDENTITY', "Entity 'Nothing__c' is not supported by the Bulk API."],
    [{ operation: 'upsert' }, 'INVALIDJOB', 'An External ID must be specified for upsert.'],
    [{ operation: 'upsert', externalIdFieldName: 'Name' }, 'INVALIDJOB', 'Field name provided, Name does not match'],
    [{ operation: 'insert', externalIdFieldName: 'ERP_Id__c' }, 'INVALIDJOB', 'cannot be specified for insert'],
    [{ operation: 'replace' }, 'INVALIDJOB', 'Unsupported operation: replace'],
    [{ columnDelimiter: ';' }, 'INVALIDJOB', 'Unsupported columnDelimiter: ;'],
    [{ contentType: 'JSON' }, 'INVALIDJOB', 'Unsupported contentType: JSON'],
    [{ colour: 'red' }, 'JSON_PARSER_ERROR', 'Unrecognized field "colour"'],
  ])('refuses %j', async (change, errorCode, message) => {
    const org = await startTestOrg()
    const response = await org.call('POST', 'jobs/ingest', { object: 'Account', operation: 'insert', ...change })
    expect(await refusal(response)).toEqual({ status: 400, errorCode, message: expect.stringContaining(message) })
  })

  it('refuses a hard delete to a user who is not allowed to', async () => {
    const org = await startTestOrg({ hardDelete: false })
    const response = await org.call('POST', 'jobs/ingest', { object: 'Account', operation: 'hardDelete' })
    expect(await refusal(response)).toMatchObject({ status: 400, errorCode: 'FEATURENOTENABLED' })
  })

  it('takes a small job with its content in one request', async () => {
    const org = await startTestOrg()
    const job = JSON.stringify({ object: 'Account', operation: 'insert', contentType: 'CSV', lineEnding: 'LF' })
    const form = [
      '--B',
      'Content-Type: application/json',
      'Content-Disposition: form-data; name="job"',
      '',
      job,
      '--B',
      'Content-Type: text/csv',
      'Content-Disposition: form-data; name="content"; filename="content"',
      '',
      'Name\nAda\n\n"Bob\nB"\n',
      '--B--',
      '',
    ].join('\r\n')
    const type = { 'Content-Type': 'multipart/form-data; boundary=B' }
    const response = await org.call('POST', 'jobs/ingest', form, type)
    const info = (await response.json()) as { id: string; state: string; contentUrl?: string; lineEnding: string }
    expect(info).toMatchObject({ state: 'UploadComplete', lineEnding: 'LF', columnDelimiter: 'COMMA' })
    expect(info.contentUrl).toBeUndefined()
    const end = await waitForEnd(org, `jobs/ingest/${info.id}`)
    expect(end).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 2, numberRecordsFailed: 0 })
    const tooLong = form.replace('Ada', 'A'.repeat(100_000))
    expect(await refusal(await org.call('POST', 'jobs/ingest', tooLong, type))).toMatchObject({ status: 400 })
  })
})

describe('the life of a job', () => {
  it('goes through its states, each described by its own keys', async () => {
    const org = await startTestOrg()
    const { id } = await create(org, { object: 'Account' })
    const path = `jobs/ingest/${id}`
    const ask = async () => (await (await org.call('GET', path)).json()) as Record<string, unknown>
    expect(await ask()).not.toHaveProperty('numberRecordsProcessed')
    await org.call('PUT', `${path}/batches`, 'Name\nAda\n', { 'Content-Type': 'text/csv' })
    expect(await ask()).toMatchObject({ state: 'Open', numberRecordsProcessed: 0, jobType: 'V2Ingest' })
    const closed = (await (await org.call('PATCH', path, { state: 'UploadComplete' })).json()) as object
    expect(Object.keys(closed).sort()).toEqual(
      ['id', 'operation', 'object', 'createdById', 'createdDate', 'systemModstamp', 'state', 'concurrencyMode']
        .concat(['contentType', 'apiVersion'])
        .sort(),
    )
    await waitForEnd(org, path)
    const end = await ask()
    expect(end).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0, retries: 0 })
    expect(end).not.toHaveProperty('contentUrl')
  })

  it('takes one upload, text/csv, not packed, while it is open', async () => {
    const org = await startTestOrg()
    const { id } = await create(org, { object: 'Account' })
    const path = `jobs/ingest/${id}/batches`
    const put = (headers: Record<string, string>) => org.call('PUT', path, 'Name\nAda\n', headers)
    expect(await refusal(await put({ 'Content-Type': 'text/plain' }))).toMatchObject({ status: 415 })
    expect(await refusal(await put({ 'Content-Type': 'text/csv', 'Content-Encoding': 'gzip' }))).toMatchObject({
      status: 415,
    })
    expect(await refusal(await org.call('PATCH', `jobs/ingest/${id}`, { state: 'UploadComplete' }))).toMatchObject({
      status: 400,
      errorCode: 'INVALIDJOBSTATE',
    })
    expect((await put({ 'Content-Type': 'text/csv; charset=UTF-8' })).status).toBe(201)
    expect((await refusal(await put({ 'Content-Type': 'text/csv' }))).message).toContain('Found multiple contents')
    await org.call('PATCH', `jobs/ingest/${id}`, { state: 'UploadComplete' })
    expect(await refusal(await put({ 'Content-Type': 'text/csv' }))).toMatchObject({ errorCode: 'INVALIDJOBSTATE' })
  })

  it('is aborted and deleted only where its state allows it', async () => {
    const org = await startTestOrg({ neverFinish: true })
    const id = await submit(org, { object: 'Account' }, 'Name\nAda\n')
    const path = `jobs/ingest/${id}`
    await expect
      .poll(async () => ((await (await org.call('GET', path)).json()) as { state: string }).state)
      .toBe('InProgress')
    expect((await org.call('DELETE', path)).status).toBe(400)
    expect((await org.call('GET', `${path}/successfulResults`)).status).toBe(400)
    const aborted = await org.call('PATCH', path, { state: 'Aborted' })
    expect(await aborted.json()).toMatchObject({ state: 'Aborted' })
    expect(await refusal(await org.call('PATCH', path, { state: 'Aborted' }))).toMatchObject({
      errorCode: 'INVALIDJOBSTATE',
      message: 'Aborting already Aborted Job not allowed',
    })
    expect(await (await org.call('GET', `${path}/unprocessedRecords/`)).text()).toBe('Name\nAda\n')
    expect((await org.call('DELETE', path)).status).toBe(204)
    expect(await refusal(await org.call('GET', path))).toEqual({
      status: 404,
      errorCode: 'NOT_FOUND',
      message: 'The requested resource does not exist',
    })
  })

  it('stays at work for as long as it is told to', async () => {
    const org = await startTestOrg({ jobDelayMs: 60_000 })
    const id = await submit(org, { object: 'Account' }, 'Name\nAda\n')
    const state = async () => ((await (await org.call('GET', `jobs/ingest/${id}`)).json()) as { state: string }).state
    await expect.poll(state).toBe('InProgress')
    expect(await state()).toBe('InProgress')
  })

  it('cannot be stopped once it is complete', async () => {
    const org = await startTestOrg()
    const { info } = await load(org, { object: 'Account' }, 'Name\nAda\n')
    const path = `jobs/ingest/${info.id}`
    const abort = await refusal(await org.call('PATCH', path, { state: 'Aborted' }))
    expect(abort.message).toBe('Aborting already Completed Job not allowed')
    const close = await refusal(await org.call('PATCH', path, { state: 'UploadComplete' }))
    expect(close.message).toBe('Closing already Completed Job not allowed')
    expect(await refusal(await org.call('PATCH', path, { state: 'Open' }))).toMatchObject({ errorCode: 'INVALIDJOB' })
  })

  it('is seen at work by a poll when it is large', async () => {
    const org = await startTestOrg({ speed: 'realistic' })
    const rows = Array.from({ length: 2001 }, (_, index) => `Person ${index}`)
    const id = await submit(org, { object: 'Contact' }, `LastName\n${rows.join('\n')}\n`)
    const states: string[] = []
    do {
      const info = (await (await org.call('GET', `jobs/ingest/${id}`)).json()) as { state: string }
      states.push(info.state)
    } while (states.at(-1) !== 'JobComplete')
    expect(states).toContain('InProgress')
  })

  it('stands in the list of jobs, page by page', async () => {
    const org = await startTestOrg({ listRows: 2 })
    const ids: string[] = []
    for (let number = 0; number < 5; number += 1) ids.push((await create(org, { object: 'Account' })).id)
    const listed: string[] = []
    let next: string | null = '/services/data/v66.0/jobs/ingest'
    while (next !== null) {
      const page = (await (await org.call('GET', next)).json()) as JobList
      listed.push(...page.records.map(({ id }) => id))
      expect(page.done).toBe(page.nextRecordsUrl === null)
      next = page.nextRecordsUrl
    }
    expect(listed.toSorted()).toEqual(ids.toSorted())
  })
})
