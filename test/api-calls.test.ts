import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { Connection } from 'jsforce'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBulkTransport } from '../src/bulk/bulk-transport.ts'
import { expectedDuration, foreseeIngestJob, foreseeQueryJob } from '../src/bulk/job-cost.ts'
import type { JobInfo } from '../src/bulk/job-info.ts'
import { chooseApi } from '../src/commands/choose-api.ts'
import { extract } from '../src/extract/extract.ts'
import { planLoad } from '../src/load/plan.ts'
import { runLoad } from '../src/load/run-load.ts'
import type { OperationName } from '../src/operations.ts'
import { connect } from '../src/org/connect.ts'
import type { Org } from '../src/org/org.ts'
import { createSoapTransport } from '../src/soap/soap-transport.ts'
import { fakeClock } from './bulk/fake-clock.ts'
import { collect } from './extract/query-dialogue.ts'
import { startTestOrg, type TestOrg } from './support/org.ts'

/**
 * Counts what this program and others spend at the local org, whose jobs take as long as `expectedDuration` says, by a
 * clock that jumps. The page is written with `npx vitest run test/api-calls.test.ts -u`, and compared otherwise.
 */

const sizes = [1, 200, 201, 2_000, 10_000]
const million = 1_000_000
const operations = ['insert', 'update', 'upsert', 'delete', 'hard-delete'] as const

test('the page of API calls says what is counted at the local org', async () => {
  const measured = new Map<string, number>()
  for (const rows of sizes) {
    const workshop = await openWorkshop()
    const inserted = await workshop.load('insert', renderRows(rows))
    measured.set(`insert ${rows}`, inserted.calls)
    measured.set(`query ${rows}`, await workshop.query('SELECT Id FROM Contact', rows))
    const byId = `Id,LastName\n${inserted.ids.map((id) => `${id},Changed\n`).join('')}`
    measured.set(`update ${rows}`, (await workshop.load('update', byId)).calls)
    const byKey = `Email,LastName\n${inserted.ids.map((_, row) => `new${row}@example.com,New\n`).join('')}`
    measured.set(`upsert ${rows}`, (await workshop.load('upsert', byKey, 'Email')).calls)
    measured.set(`delete ${rows}`, (await workshop.load('delete', renderIds(inserted.ids))).calls)
    measured.set(`hard-delete ${rows}`, (await workshop.load('hard-delete', renderIds(inserted.ids))).calls)
  }
  const jsforce = await countJsforce()
  await expect(renderPage(measured, jsforce)).toMatchFileSnapshot('../docs/api-calls.md')
  for (const operation of operations.slice(0, 4)) {
    expect(measured.get(`${operation} 200`)).toBe(1)
    expect(measured.get(`${operation} 10000`)).toBeLessThanOrEqual(8)
  }
})

describe('a Bulk job', () => {
  test('costs at most four calls and the questions for its state', async () => {
    const workshop = await openWorkshop()
    const { calls } = await workshop.load('insert', renderRows(10_000))
    const requests = workshop.service.requests.filter(({ counted, path }) => counted && /\/jobs\//.test(path))
    const polls = requests.filter(({ method, path }) => method === 'GET' && /jobs\/ingest\/\w+$/.test(path))
    expect(requests.length - polls.length).toBeLessThanOrEqual(4)
    expect(calls).toBeLessThanOrEqual(8)
  })
})

const renderRows = (rows: number) =>
  `LastName,Email\n${Array.from({ length: rows }, (_, row) => `Contact ${row},${row}@example.com\n`).join('')}`
const renderIds = (ids: readonly string[]) => `Id\n${ids.map((id) => `${id}\n`).join('')}`

/** A local org with what is needed to load and query it; the description of Contact is known. */
async function openWorkshop() {
  const service = await startTestOrg()
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-calls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { url: instanceUrl, accessToken } = service
  const login = { flow: 'access-token', accessToken, instanceUrl } as const
  const connection = await connect({ login, apiVersion: undefined, origin: 'test' })
  onTestFinished(() => connection.close())
  await connection.describe('Contact')
  const { signal } = new AbortController()
  let number = 0

  return {
    service,
    async load(operation: OperationName, csv: string, externalId?: string) {
      const file = `${++number}.csv`
      await writeFile(join(folder, file), csv)
      const clock = fakeClock()
      const rows = csv.trimEnd().split('\n').length - 1
      const org = withLatency(connection, service, clock, expectedDuration('ingest', rows))
      const before = connection.usage.apiCalls
      const plan = await planLoad(
        { operation, object: 'Contact', file, externalId, errorsFile: 'none', successFile: `${file}.success` },
        {
          org,
          runId: 'run',
          stdin: Readable.from([]),
          stdout: new PassThrough(),
          environment: {},
          folder,
          spoolFolder: folder,
          earlierRun: async () => undefined,
          report: () => undefined,
        },
      )
      const input = plan.source.peek()
      const rest = { hasBinary: false, soapTakesSession: true, jobBytesGiven: false }
      const { api } = chooseApi({ operation, asked: 'auto', input, ...rest })
      const transport =
        api === 'soap'
          ? createSoapTransport(org, plan.object)
          : createBulkTransport(org, { clock, temporaryFolder: folder })
      const account = await runLoad(plan, { transport, report: () => undefined, signal })
      expect(account.rows).toMatchObject({ read: rows, accepted: rows })
      const ids = operation === 'insert' ? await readIds(service) : []
      return { calls: connection.usage.apiCalls - before, ids }
    },
    async query(soql: string, rows: number) {
      const clock = fakeClock()
      const org = withLatency(connection, service, clock, expectedDuration('query', rows))
      const plan = { soql, all: false, names: new Map<string, string>(), output: collect() }
      const summary = await extract(plan, { org, signal, clock, report: () => undefined })
      expect(summary.rows).toBe(rows)
      return summary.apiCalls
    },
  }
}

async function readIds(service: TestOrg): Promise<readonly string[]> {
  const ids: string[] = []
  let path: string | undefined = `query?q=${encodeURIComponent('SELECT Id FROM Contact')}`
  while (path !== undefined) {
    const answer = await service.call('GET', path)
    const page = (await answer.json()) as { records: { Id: string }[]; nextRecordsUrl?: string }
    ids.push(...page.records.map(({ Id }) => Id))
    path = page.nextRecordsUrl
  }
  return ids
}

/** The org, with jobs that are at work for so many milliseconds of the clock, whatever they really take. */
function withLatency(org: Org, service: TestOrg, clock: { now(): number }, duration: number): Org {
  const end = clock.now() + duration
  const send: Org['send'] = async (request) => {
    const isPoll = request.method === 'GET' && /^\/jobs\/(ingest|query)\/\w+$/.test(request.path)
    if (isPoll && clock.now() >= end) await waitReally(service, request.path)
    const response = await org.send(request)
    if (!isPoll || clock.now() >= end) return response
    const job = await response.json<JobInfo>()
    const atWork = { ...job, state: 'InProgress', numberRecordsProcessed: 0 }
    return { ...response, json: async <T>() => atWork as T }
  }
  return Object.create(org, { send: { value: send } }) as Org
}

async function waitReally(service: TestOrg, path: string): Promise<void> {
  const state = async () => ((await (await service.call('GET', path.slice(1))).json()) as JobInfo).state
  await expect.poll(state, { timeout: 60_000 }).toBe('JobComplete')
}

/** Calls of jsforce for a job, without the questions for its state. */
async function countJsforce(): Promise<number> {
  const service = await startTestOrg()
  const connection = new Connection({ instanceUrl: service.url, accessToken: service.accessToken, version: '66.0' })
  await connection.bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'insert',
    input: renderRows(10),
    pollInterval: 10,
    pollTimeout: 60_000,
  })
  const others = service.requests.filter(({ method, path }) => method !== 'GET' || !/jobs\/ingest\/\w+$/.test(path))
  return others.filter(({ counted }) => counted).length
}

function renderPage(measured: ReadonlyMap<string, number>, jsforce: number): string {
  const columns = [...operations, 'query']
  const cell = (column: string, rows: number) =>
    rows === million ? `${foresee(column)} *` : String(measured.get(`${column} ${rows}`))
  const lines = [...sizes, million].map((rows) => {
    const seconds = Math.ceil(expectedDuration('ingest', rows) / 1_000)
    const others = [
      '7 or more',
      rows <= 200 ? '1' : String(Math.ceil(rows / 200)),
      `${jsforce + seconds}`,
      `${7 + Math.ceil(seconds / 5)}`,
    ]
    return [rows.toLocaleString('en-US'), ...columns.map((column) => cell(column, rows)), ...others]
  })
  const head = ['rows', ...columns, 'CloverDX, Bulk', 'CloverDX, SOAP', 'jsforce, load', 'sf, load']
  const table = [head, head.map(() => '---:'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return page.replace('TABLE', table).replace('JSFORCE', String(jsforce))
}

function foresee(column: string): number {
  return column === 'query'
    ? 1 + foreseeQueryJob(million).total
    : foreseeIngestJob({ rows: million, bytes: million * 40 }).total
}

const page = `# What work costs in API calls

Salesforce counts every request to its REST, SOAP and Bulk APIs against the org's calls of a day: each question for the
state of a job, each page, each result file, and failed requests too. \`sfbulk\` takes the way that costs fewest.

TABLE

Written by \`npx vitest run test/api-calls.test.ts -u\` and checked in the tests, which count requests at the local org. Its
jobs take the time that jobs of a real org are taken for: three seconds and a millisecond a row for a load, two seconds
and a twentieth of that for a query. Every row was accepted; rejected rows are a file of their own, for a call more. The
description of the object was known from an earlier run; without that it is one call more.

\\* foreseen and not counted: 40 bytes a row in one job.

- CloverDX: its own documentation names 7 calls and more for a Bulk read or write, and 1 for up to 200 records by SOAP.
- jsforce 3.10: \`bulk2.loadAndWaitForResults\`, JSFORCE calls measured, and a question each second. Its \`sobject().create\`
  takes 200 records a call, as SOAP does.
- sf 2: \`sf data import bulk\` and \`sf data bulk results\`, 7 calls measured with a job that takes less than five seconds,
  and a question each five seconds that it takes longer.

## Which way is taken

\`--api auto\` is the default; \`-v\` and \`apiReason\` in the answer to \`--json\` say what it came to.

| work | way |
| --- | --- |
| up to 200 rows to write | one SOAP call |
| more rows to write | SOAP calls of 200 rows, one after the other, while they are fewer than a Bulk job's calls; in most files up to 1,400 rows |
| binary data in a column | SOAP calls: the Bulk API does not take it |
| a hard delete | a Bulk job: SOAP has none |
| rows with control characters | a Bulk job: XML cannot carry them |
| a session by JSON Web Token, below version 67.0 | a Bulk job: SOAP refuses it |
| \`--job-bytes\`, or an input of more than 1 MiB | Bulk jobs |
| a query that the Bulk API does not answer | synchronous pages of 2,000 rows |
| a query of plain fields | one synchronous page, which tells how many rows there are; then further pages while they are fewer than a job's calls, up to 10,000 rows; otherwise a Bulk job, for one call lost |
| a query with a LIMIT above that, with addresses or functions, or of more than 12,000 characters | a Bulk job at once |

A job of up to 20,000 bytes is created, filled and started by one call, a larger one by three. Jobs of more than 1,000 rows
are first asked for their state after a twentieth of the time that sending them took, a second at most; the pauses double up to half a
minute, and follow the job's own count of rows as soon as it has one. Jobs are not deleted afterwards: that would be a call, and the service does it after seven days.

## Descriptions

The description of an object is kept for an hour in \`SFBULK_HOME/cache/describe\`, for each org, user and API version apart; so are the
picklist values of a record type, which cost a call where rows with a record type fill a restricted picklist.
It is asked for anew before a column is refused or left out, with \`--no-cache\`, and after the service has said that a field is
not there. \`sfbulk describe\` always asks. A query that is answered without a job needs a description, too, where its rows alone
do not tell how a value or a header is spelt: custom dates with a time, and fields of parents that are empty in every row.

## Limits of your own

\`--max-api-calls N\` ends a run before it makes more than N calls. \`--reserve PERCENT\` ends it when no more than that share
of the org's daily calls is left, by the org's own count. Either way no job is begun whose results could not be fetched; the
exit code is 5, and \`sfbulk resume\` goes on when there are calls again ([Runs that survive](reliability.md)).
`
