import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { createBulkTransport } from '../../src/bulk/bulk-transport.ts'
import { type Clock, systemClock } from '../../src/bulk/clock.ts'
import { findWritten } from '../../src/check/find-written.ts'
import { type ExtractSummary, extract } from '../../src/extract/extract.ts'
import { planLoad } from '../../src/load/plan.ts'
import { recogniseRows } from '../../src/load/recognise-rows.ts'
import { type LoadAccount, runLoad } from '../../src/load/run-load.ts'
import type { Fault } from '../../src/local-org/faults.ts'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import type { OperationName } from '../../src/operations.ts'
import { connect } from '../../src/org/connect.ts'
import { createHttpClient } from '../../src/org/http.ts'
import type { Org } from '../../src/org/org.ts'
import { createRedactor } from '../../src/org/redact.ts'
import type { OrgTools } from '../../src/org/request.ts'
import { createSoapTransport } from '../../src/soap/soap-transport.ts'
import { openDatabase } from '../../src/sqlite/database.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'

export type Api = 'bulk' | 'soap'

/** What a load is. */
export interface Work {
  readonly api: Api
  readonly operation: OperationName
  readonly object: string
  readonly csv: string
  readonly externalId?: string
  readonly jobBytes?: number
  readonly lockRetries?: number
}

export interface Loaded {
  /** Texts of the result files, each Id of a new record by the order in which it is met; undefined where there is none. */
  readonly success: string | undefined
  readonly errors: string | undefined
  readonly account: LoadAccount
  readonly notes: readonly string[]
}

/** A local org whose connection can be made to fail, and which counts what is written. */
export interface FaultOrg {
  readonly service: TestOrg
  readonly org: Org
  load(work: Work): Promise<Loaded>
  query(soql: string, api?: 'bulk' | 'soap'): Promise<QueryEnd>
  /** Rows of a query on the org itself, past all faults; of each cell its text. */
  rows(soql: string): Promise<readonly string[]>
  /** Makes the records of an object older by an hour, as if nobody had touched them lately. */
  age(object: string): void
  /** Records that were written more than once. */
  writtenTwice(): readonly string[]
}

export interface QueryEnd {
  readonly summary: ExtractSummary | undefined
  readonly error: unknown
  /** Of the finished file. */
  readonly text: string | undefined
  /** Of the file that was given up. */
  readonly partial: string | undefined
}

/** Real time, but nobody waits long. */
const clock: Clock = { now: Date.now, sleep: (time, signal) => systemClock.sleep(Math.min(time, 3), signal) }

/**
 * Connects to a new local org.
 *
 * @param silence milliseconds without a byte that count as a hang; short only where one is wanted, since the machine may be busy
 */
export async function openFaultOrg(options: Partial<OrgOptions> = {}, silence = 30_000): Promise<FaultOrg> {
  const service = await startTestOrg({ ledger: true, ...options })
  return await connectTo(service, silence)
}

/** Another connection to the same org. */
export async function connectTo(service: TestOrg, silence: number): Promise<FaultOrg> {
  const { url: loginUrl, username, password, securityToken, clientId, clientSecret } = service
  const login = {
    flow: 'oauth-password',
    loginUrl,
    username,
    password,
    securityToken,
    clientId,
    clientSecret,
  } as const
  const org = await connect({ apiVersion: undefined, login, origin: 'the test' }, {}, hastyTools(silence))
  onTestFinished(() => org.close())
  return {
    service,
    org,
    load: (work) => load(org, work),
    query: (soql, api) => query(org, soql, api),
    rows: async (soql) => {
      const answer = await service.call('GET', `query?q=${encodeURIComponent(soql)}`)
      const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
      return records.map(({ attributes: _, ...cells }) => JSON.stringify(cells))
    },
    age: (object) => makeOlder(service, object),
    writtenTwice: () => [...service.writes()].flatMap(([id, writes]) => (writes > 1 ? [id] : [])),
  }
}

/** Asks for faults once the test has connected, so that their numbers count from there. */
export function breakOrg({ service }: FaultOrg, ...faults: readonly Fault[]): void {
  service.faults.add(faults)
}

function makeOlder({ data }: TestOrg, object: string): void {
  const storage = openDatabase(data)
  const hour = (column: string) => `${column} = strftime('%Y-%m-%dT%H:%M:%S.000Z', ${column}, '-1 hour')`
  const columns = ['CreatedDate', 'LastModifiedDate', 'SystemModstamp'].map(hour)
  storage.exec(`UPDATE ${object} SET ${columns.join(', ')}`)
  storage.close()
}

export function hastyTools(silence: number): OrgTools {
  return {
    http: createHttpClient({ timeouts: { connect: 2_000, silence } }),
    redactor: createRedactor(),
    now: Date.now,
    random: () => 0.5,
    pause: (milliseconds, signal) => systemClock.sleep(Math.min(milliseconds, 3), signal),
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-fault-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function load(org: Org, work: Work): Promise<Loaded> {
  const folder = await makeFolder()
  await writeFile(join(folder, 'in.csv'), work.csv)
  const plan = await planLoad(
    {
      operation: work.operation,
      object: work.object,
      externalId: work.externalId,
      file: 'in.csv',
      lockRetries: work.lockRetries,
    },
    {
      org,
      runId: 'run-1',
      stdin: Readable.from([]),
      stdout: new PassThrough(),
      environment: {},
      folder,
      spoolFolder: folder,
      earlierRun: async () => undefined,
      report: () => {},
    },
  )
  const transport =
    work.api === 'soap'
      ? createSoapTransport(org, plan.object, {
          pause: async () => {},
          findWritten: (lost) => findWritten(lost, { org, folder, signal: new AbortController().signal }),
        })
      : createBulkTransport(org, {
          jobBytes: work.jobBytes,
          temporaryFolder: folder,
          clock,
          recognise: (csv, answers) => recogniseRows(plan.mapping, csv, answers),
        })
  const notes: string[] = []
  const account = await runLoad(plan, {
    transport,
    report: (event) => {
      if (event.type === 'note') notes.push(event.text)
    },
    signal: new AbortController().signal,
    pause: async () => {},
  })
  return {
    account,
    notes,
    success: await readText(folder, 'in.success.csv'),
    errors: await readText(folder, 'in.errors.csv'),
  }
}

async function query(org: Org, soql: string, api: 'bulk' | 'soap' = 'bulk'): Promise<QueryEnd> {
  const folder = await makeFolder()
  const plan = { soql, all: false, names: new Map<string, string>(), output: join(folder, 'rows.csv'), api }
  let summary: ExtractSummary | undefined
  let error: unknown
  try {
    summary = await extract(plan, { org, signal: new AbortController().signal, report: () => {}, clock })
  } catch (thrown) {
    error = thrown
  }
  const [text, partial] = [await readText(folder, 'rows.csv'), await readText(folder, 'rows.csv.partial')]
  return { summary, error, text, partial }
}

async function readText(folder: string, name: string): Promise<string | undefined> {
  return await readFile(join(folder, name), 'utf8').catch(() => undefined)
}

/** The text with each Id in the place of which one was met: two runs give new records other Ids. */
export function withoutIds(text: string | undefined): string | undefined {
  const ids = new Map<string, string>()
  return text?.replace(/\b(?:001|003|00Q|a0\w|00P|068)\w{12}[A-Z0-5]{3}\b/g, (id) => {
    if (!ids.has(id)) ids.set(id, `Id ${ids.size + 1}`)
    return ids.get(id)!
  })
}
