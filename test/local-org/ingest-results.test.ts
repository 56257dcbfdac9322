import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { load, submit, waitForEnd } from './bulk-calls.ts'

const cell = fc
  .string({ unit: fc.constantFrom('a', 'é', ' ', '"', ',', ';', '\n', '\r'), maxLength: 6 })
  .map((text) => text.replaceAll(/\r+\n/g, '\n'))

describe('result files', () => {
  it('together hold every row once, with the text of its cells', async () => {
    const org = await startTestOrg()
    const lines = (row: readonly string[]) => row.map((text) => `"${text.replaceAll('"', '""')}"`)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 30 }),
        fc.constantFrom(['COMMA', ','], ['SEMICOLON', ';']),
        async (rows, [columnDelimiter = '', delimiter = '']) => {
          const upload = [['LastName', 'Description'].join(delimiter), ...rows.map((row) => lines(row).join(delimiter))]
          const { info, successful, failed } = await load(
            org,
            { object: 'Contact', columnDelimiter },
            `${upload.join('\n')}\n`,
          )
          expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: rows.length })
          expect(info.numberRecordsFailed).toBe(failed.length)
          const answered = [...successful, ...failed].map((row) => [row.LastName, row.Description])
          expect(answered.map(String).toSorted()).toEqual(rows.map(String).toSorted())
        },
      ),
      { numRuns: 25 },
    )
  })

  it('have the columns of the upload, sf__ names in quotes, rows in another order', async () => {
    const org = await startTestOrg()
    const names = Array.from({ length: 50 }, (_, index) => `Company ${index}`)
    const csv = `Name,NumberOfEmployees,AnnualRevenue\n${names.map((name) => `${name},7,912260031`).join('\n')}\n`
    const id = await submit(org, { object: 'Account' }, csv)
    await waitForEnd(org, `jobs/ingest/${id}`)
    const text = await (await org.call('GET', `jobs/ingest/${id}/successfulResults`)).text()
    const [header, ...lines] = text.trimEnd().split('\n')
    expect(header).toBe('"sf__Id","sf__Created",Name,NumberOfEmployees,AnnualRevenue')
    expect(lines[0]).toMatch(/^"001[0-9A-Za-z]{15}","true","Company \d+","7","9\.12260031E8"$/)
    const echoed = lines.map((line) => line.split('"')[5])
    expect(echoed).not.toEqual(names)
    expect(echoed.toSorted()).toEqual(names.toSorted())
    expect(await (await org.call('GET', `jobs/ingest/${id}/failedResults`)).text()).toBe(
      '"sf__Id","sf__Error",Name,NumberOfEmployees,AnnualRevenue\n',
    )
    expect(await (await org.call('GET', `jobs/ingest/${id}/unprocessedrecords`)).text()).toBe(
      'Name,NumberOfEmployees,AnnualRevenue\n',
    )
  })

  it('have their columns in the order of the alphabet when told so', async () => {
    const org = await startTestOrg({ resultColumns: 'alphabetical' })
    const id = await submit(org, { object: 'Account' }, 'Phone,Name\n1,Ada\n')
    await waitForEnd(org, `jobs/ingest/${id}`)
    const text = await (await org.call('GET', `jobs/ingest/${id}/successfulResults`)).text()
    expect(text).toMatch(/^"sf__Id","sf__Created",Name,Phone\n"001\w+","true","Ada","1"\n$/)
  })

  it('keep the delimiter and the line ending of the job', async () => {
    const org = await startTestOrg()
    const job = { object: 'Account', columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF' }
    const id = await submit(org, job, 'Name;Phone\r\nAda;"1;2"\r\n')
    await waitForEnd(org, `jobs/ingest/${id}`)
    const text = await (await org.call('GET', `jobs/ingest/${id}/successfulResults`)).text()
    expect(text).toMatch(/^"sf__Id";"sf__Created";Name;Phone\r\n"001\w+";"true";"Ada";"1;2"\r\n$/)
  })

  it('say why a row failed, with its Id where it has one', async () => {
    const org = await startTestOrg()
    const first = await load(org, { object: 'Account' }, 'Name,ERP_Id__c\nAda,A1\nBob,A2\n')
    const ids = new Map(first.successful.map((row) => [row.ERP_Id__c, row.sf__Id]))
    const { info, successful, failed } = await load(
      org,
      { object: 'Account', operation: 'update' },
      `Id,Name,Phone\n${ids.get('A1')},${'x'.repeat(300)},\n${ids.get('A2')},Bobby,#N/A\n,Nobody,\n`,
    )
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 3, numberRecordsFailed: 2 })
    expect(successful).toEqual([
      { sf__Id: ids.get('A2'), sf__Created: 'false', Id: ids.get('A2'), Name: 'Bobby', Phone: '#N/A' },
    ])
    const errors = failed.map((row) => row.sf__Error?.split(':')[0])
    expect(errors.toSorted()).toEqual(['MISSING_ARGUMENT', 'STRING_TOO_LONG'])
    for (const row of failed) expect(row.sf__Error).toMatch(/^[A-Z_]+:.*:([^:]+ )?--$/s)
  })

  it('tell created from changed rows of an upsert', async () => {
    const org = await startTestOrg()
    const job = { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' }
    await load(org, job, 'ERP_Id__c,Name\nA1,Ada\n')
    const { successful } = await load(org, job, 'ERP_Id__c,Name\nA1,Adam\nA2,Eve\n')
    const created = Object.fromEntries(successful.map((row) => [row.ERP_Id__c, row.sf__Created]))
    expect(created).toEqual({ A1: 'false', A2: 'true' })
  })

  it('are packed when the client takes gzip', async () => {
    const org = await startTestOrg()
    const { info } = await load(org, { object: 'Account' }, 'Name\nAda\n')
    const { encoding, body } = await new Promise<{ encoding: unknown; body: Buffer }>((resolve, reject) => {
      const headers = { Authorization: `Bearer ${org.accessToken}`, 'Accept-Encoding': 'gzip' }
      const url = `${org.url}/services/data/v66.0/jobs/ingest/${info.id}/successfulResults`
      request(url, { headers }, async (response) => {
        const pieces: Buffer[] = []
        for await (const piece of response) pieces.push(piece)
        resolve({ encoding: response.headers['content-encoding'], body: Buffer.concat(pieces) })
      })
        .on('error', reject)
        .end()
    })
    expect(encoding).toBe('gzip')
    expect(gunzipSync(body).toString()).toContain('"Ada"')
  })

  it('leave out the rows that a test wants unanswered', async () => {
    const org = await startTestOrg({ omitResults: [2] })
    const { info, successful } = await load(org, { object: 'Account' }, 'Name\nAda\nBob\nCy\n')
    expect(info.numberRecordsProcessed).toBe(3)
    expect(successful.map((row) => row.Name).toSorted()).toEqual(['Ada', 'Cy'])
  })
})

describe('a job that fails as a whole', () => {
  const csv = 'Name\nAda\nBob\n'
  it.each([
    ['a column that is no field', {}, 'Name,Bacon__c\nAda,1\n', 'InvalidBatch : Field name not found : Bacon__c'],
    ['another delimiter', {}, 'Name;Phone\nAda;1\n', 'InvalidBatch : Field name not found : Name;Phone'],
    ['a byte order mark', {}, `\uFEFF${csv}`, 'InvalidBatch : Field name not found : \uFEFFName'],
    ['a column twice', {}, 'Name,name\nAda,Bob\n', 'InvalidBatch : Field name not found : name'],
    ['no Id to update by', { operation: 'update' }, csv, 'InvalidBatch : Field name not found : Id'],
    [
      'more than Ids to delete',
      { operation: 'delete' },
      'Id,Name\n1,2\n',
      'InvalidBatch : Field name not found : Name',
    ],
    [
      'CRLF in an LF job',
      {},
      'Name\r\nAda\r\n',
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    ],
    [
      'CRLF inside quotes of an LF job',
      {},
      'Name\n"A\r\nda"\n',
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    ],
    [
      'LF in a CRLF job',
      { lineEnding: 'CRLF' },
      csv,
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is CRLF',
    ],
  ])('has every row unprocessed: %s', async (_, change, upload, errorMessage) => {
    const org = await startTestOrg()
    const id = await submit(org, { object: 'Account', ...change }, upload)
    const info = await waitForEnd(org, `jobs/ingest/${id}`)
    expect(info).toMatchObject({ state: 'Failed', errorMessage, numberRecordsProcessed: 0, numberRecordsFailed: 0 })
    const rest = Buffer.from(await (await org.call('GET', `jobs/ingest/${id}/unprocessedrecords`)).arrayBuffer())
    expect(rest.toString('utf8')).toBe(upload)
    expect(await (await org.call('GET', 'limits/recordCount?sObjects=Account')).json()).toEqual({
      sObjects: [{ count: 0, name: 'Account' }],
    })
  })

  it('keeps what it did before it came to a row that it cannot read', async () => {
    const org = await startTestOrg()
    const rows = Array.from({ length: 300 }, (_, index) => `Company ${index}`)
    const id = await submit(org, { object: 'Account' }, `Name\n${rows.join('\n')}\n"open`)
    const info = await waitForEnd(org, `jobs/ingest/${id}`)
    expect(info).toMatchObject({ state: 'Failed', numberRecordsProcessed: 300 })
    expect(info.errorMessage).toContain('InvalidBatch : Failed to parse CSV.')
    const successful = await (await org.call('GET', `jobs/ingest/${id}/successfulResults`)).text()
    expect(successful.match(/"Company \d+"/g)).toHaveLength(300)
  })

  it('has the rows behind its failure unprocessed, in the order of the upload', async () => {
    const org = await startTestOrg({
      failJobs: { afterRows: 250, message: 'InternalServerError : retried more than 20 times' },
    })
    const rows = Array.from({ length: 1500 }, (_, index) => `Company ${index}`)
    const { info, successful, failed, unprocessed } = await load(
      org,
      { object: 'Account' },
      `Name\n${rows.join('\n')}\n`,
    )
    expect(info).toMatchObject({ state: 'Failed', errorMessage: 'InternalServerError : retried more than 20 times' })
    expect([successful.length, failed.length]).toEqual([250, 0])
    expect(unprocessed.map((row) => row.Name)).toEqual(rows.slice(250))
  })

  it('does not include one without rows', async () => {
    const org = await startTestOrg()
    const { info, successful } = await load(org, { object: 'Account' }, 'Name\n')
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 0 })
    expect(successful).toEqual([])
  })
})
