import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { type CurlAnswer, curl, hasCurl } from './curl.ts'

if (!hasCurl) console.warn('Skipped: curl is not on this machine; install it to run these tests')

const jobs = '/services/data/v66.0/jobs/ingest'

describe.skipIf(!hasCurl)('curl', () => {
  it('creates a job, uploads, closes, polls and reads three result files', async () => {
    const org = await startTestOrg({ failJobs: { afterRows: 3, message: 'InternalServerError : stopped' } })

    const created = await send(org, 'POST', jobs, insertAccounts)
    expect(created.status).toBe(200)
    expect(created.headers).toMatchObject({
      'content-type': 'application/json;charset=UTF-8',
      'sforce-limit-info': 'api-usage=1/100000',
    })
    expect(created.body).toContain('"apiVersion":66.0')
    const job = JSON.parse(created.body)
    expect(job).toEqual({
      id: expect.stringMatching(/^750[0-9A-Za-z]{15}$/),
      operation: 'insert',
      object: 'Account',
      createdById: expect.stringMatching(/^005/),
      createdDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/),
      systemModstamp: expect.stringMatching(/\+0000$/),
      state: 'Open',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 66,
      contentUrl: `services/data/v66.0/jobs/ingest/${job.id}/batches`,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    })
    const asOpen = JSON.parse((await send(org, 'GET', `${jobs}/${job.id}`)).body)
    expect(asOpen).toMatchObject({ state: 'Open', jobType: 'V2Ingest', contentUrl: job.contentUrl })
    expect(asOpen).not.toHaveProperty('numberRecordsProcessed')

    const uploaded = await upload(org, job.contentUrl, 'Name,AnnualRevenue\nAda,912260031\n,2\nCy,3\nDi,4\n')
    expect(uploaded).toMatchObject({ status: 201, body: '' })
    const asUploaded = JSON.parse((await send(org, 'GET', `${jobs}/${job.id}`)).body)
    expect(asUploaded).toMatchObject({ state: 'Open', numberRecordsProcessed: 0, contentUrl: job.contentUrl })

    const closed = await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'UploadComplete' })
    expect(closed.status).toBe(200)
    expect(Object.keys(JSON.parse(closed.body)).sort()).toEqual([
      'apiVersion',
      'concurrencyMode',
      'contentType',
      'createdById',
      'createdDate',
      'id',
      'object',
      'operation',
      'state',
      'systemModstamp',
    ])

    expect(await poll(org, job.id)).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 3,
      numberRecordsFailed: 1,
      retries: 0,
      errorMessage: 'InternalServerError : stopped',
    })
    const successful = await send(org, 'GET', `${jobs}/${job.id}/successfulResults/`)
    expect(successful.headers['content-type']).toMatch(/^text\/csv\b/)
    expect(sortLines(successful.body)).toEqual([
      '"sf__Id","sf__Created",Name,AnnualRevenue',
      expect.stringMatching(/^"001[0-9A-Za-z]{15}","true","Ada","9.12260031E8"$/),
      expect.stringMatching(/^"001[0-9A-Za-z]{15}","true","Cy","3.0"$/),
    ])
    expect((await send(org, 'GET', `${jobs}/${job.id}/failedResults/`)).body).toBe(
      '"sf__Id","sf__Error",Name,AnnualRevenue\n' +
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --","","2.0"\n',
    )
    expect((await send(org, 'GET', `${jobs}/${job.id}/unprocessedrecords/`)).body).toBe(
      'Name,AnnualRevenue\n"Di","4"\n',
    )

    expect(await send(org, 'DELETE', `${jobs}/${job.id}`)).toMatchObject({ status: 204, body: '' })
    const gone = await send(org, 'GET', `${jobs}/${job.id}`)
    expect(gone.status).toBe(404)
    expect(JSON.parse(gone.body)).toEqual([
      { errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' },
    ])
  })

  it('creates a job together with its content in one form, which closes it', async () => {
    const org = await startTestOrg()
    const answer = await curl([
      ...['--header', `Authorization: Bearer ${org.accessToken}`],
      ...['--form', `job=${JSON.stringify(insertAccounts)};type=application/json`],
      ...['--form', 'content=Name\nAda\n;type=text/csv;filename=content'],
      org.url + jobs,
    ])
    expect(answer.status).toBe(200)
    const job = JSON.parse(answer.body)
    expect(job).toMatchObject({ state: 'UploadComplete', lineEnding: 'LF', columnDelimiter: 'COMMA' })
    expect(job).not.toHaveProperty('contentUrl')
    expect(await poll(org, job.id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 1 })
  })

  it('is refused what an open and what a finished job do not allow', async () => {
    const org = await startTestOrg()
    const job = JSON.parse((await send(org, 'POST', jobs, insertAccounts)).body)
    const refusals = [
      await send(org, 'DELETE', `${jobs}/${job.id}`),
      await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'UploadComplete' }),
      await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'JobComplete' }),
      await send(org, 'GET', `${jobs}/${job.id}/successfulResults`),
    ]
    await upload(org, job.contentUrl, 'Name\nAda\n')
    refusals.push(await upload(org, job.contentUrl, 'Name\nBob\n'))
    await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'UploadComplete' })
    await poll(org, job.id)
    refusals.push(
      await upload(org, job.contentUrl, 'Name\nCy\n'),
      await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'Aborted' }),
      await send(org, 'PATCH', `${jobs}/${job.id}`, { state: 'UploadComplete' }),
    )
    expect(refusals.map(({ status }) => status)).toEqual(refusals.map(() => 400))
    expect(refusals.map(({ body }) => JSON.parse(body)[0].errorCode)).toEqual(
      refusals.map((_, index) => (index === 2 ? 'INVALIDJOB' : 'INVALIDJOBSTATE')),
    )
    expect(refusals.slice(-2).map(({ body }) => JSON.parse(body)[0].message)).toEqual([
      'Aborting already Completed Job not allowed',
      'Closing already Completed Job not allowed',
    ])
  })

  it('aborts a job', async () => {
    const org = await startTestOrg()
    const { id } = JSON.parse((await send(org, 'POST', jobs, insertAccounts)).body)
    const aborted = await send(org, 'PATCH', `${jobs}/${id}`, { state: 'Aborted' })
    expect(JSON.parse(aborted.body)).toMatchObject({ id, state: 'Aborted' })
    expect(await send(org, 'DELETE', `${jobs}/${id}`)).toMatchObject({ status: 204 })
  })

  it('is refused without a session, and with one that is over', async () => {
    const org = await startTestOrg()
    const nobody = await curl([org.url + jobs])
    const stranger = await curl(['--header', 'Authorization: Bearer 00D000000000001!wrong', org.url + jobs])
    for (const answer of [nobody, stranger]) {
      expect(answer.status).toBe(401)
      expect(JSON.parse(answer.body)).toEqual([
        { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' },
      ])
    }
    expect(org.countedCalls()).toBe(0)
  })

  it('asks for a token and reads a packed page of a query', async () => {
    const org = await startTestOrg()
    const form = {
      grant_type: 'password',
      client_id: org.clientId,
      client_secret: org.clientSecret,
      username: org.username,
      password: org.password + org.securityToken,
    }
    const words = Object.entries(form).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`])
    const granted = await curl([...words, `${org.url}/services/oauth2/token`])
    expect(granted.status).toBe(200)
    const token = JSON.parse(granted.body)
    expect(token).toMatchObject({ instance_url: org.url, token_type: 'Bearer' })
    const page = await curl([
      ...['--compressed', '--header', `Authorization: Bearer ${token.access_token}`],
      ...[
        '--get',
        '--data-urlencode',
        'q=SELECT FIELDS(ALL) FROM User LIMIT 1',
        `${org.url}/services/data/v66.0/query`,
      ],
    ])
    expect(page.headers['content-encoding']).toBe('gzip')
    expect(JSON.parse(page.body).records).toMatchObject([{ Username: org.username }])
  })
})

const insertAccounts = { object: 'Account', operation: 'insert', contentType: 'CSV' }

async function send(org: TestOrg, method: string, path: string, body?: unknown): Promise<CurlAnswer> {
  const json = ['--header', 'Content-Type: application/json', '--data-binary', '@-']
  const words = ['--request', method, '--header', `Authorization: Bearer ${org.accessToken}`]
  const input = body === undefined ? '' : JSON.stringify(body)
  return curl([...words, ...(body === undefined ? [] : json), org.url + path], input)
}

/** `contentUrl` has no slash at its beginning. */
async function upload(org: TestOrg, contentUrl: string, csv: string): Promise<CurlAnswer> {
  const headers = ['--header', `Authorization: Bearer ${org.accessToken}`, '--header', 'Content-Type: text/csv']
  return curl([...headers, '--request', 'PUT', '--data-binary', '@-', `${org.url}/${contentUrl}`], csv)
}

/** Asks for a job until it has ended. */
async function poll(org: TestOrg, id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const job = JSON.parse((await send(org, 'GET', `${jobs}/${id}`)).body)
    if (['JobComplete', 'Failed', 'Aborted'].includes(job.state)) return job
  }
}

/** The header first; the service gives rows in any order. */
function sortLines(csv: string): string[] {
  const [header = '', ...rows] = csv.trimEnd().split('\n')
  return [header, ...rows.sort((one, other) => (one.slice(20) < other.slice(20) ? -1 : 1))]
}
