import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { createBulkTransport } from '../../src/bulk/bulk-transport.ts'
import { systemClock } from '../../src/bulk/clock.ts'
import { findWritten } from '../../src/check/find-written.ts'
import { planLoad } from '../../src/load/plan.ts'
import { type LoadAccount, runLoad } from '../../src/load/run-load.ts'
import type { OperationName } from '../../src/operations.ts'
import { connect } from '../../src/org/connect.ts'
import type { Org } from '../../src/org/org.ts'
import { createSoapTransport, type SoapOptions } from '../../src/soap/soap-transport.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'

export type Api = 'bulk' | 'soap'

export interface Loaded {
  /** Result files, undefined where there is none. */
  readonly success: string | undefined
  readonly errors: string | undefined
  readonly account: LoadAccount
}

/** A fresh local org with a connection to it, on which loads run by one API. */
export interface OrgByApi {
  readonly service: TestOrg
  readonly org: Org
  load(
    operation: OperationName,
    object: string,
    csv: string,
    externalId?: string,
    options?: SoapOptions,
  ): Promise<Loaded>
  /** Rows of a query, as REST gives them. */
  query(soql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

export async function openOrgByApi(api: Api): Promise<OrgByApi> {
  const service = await startTestOrg()
  const { accessToken, url: instanceUrl } = service
  const login = { flow: 'access-token', accessToken, instanceUrl } as const
  const org = await connect({ apiVersion: undefined, login, origin: 'the test' })
  onTestFinished(() => org.close())
  return {
    service,
    org,
    load: (operation, object, csv, externalId, options) =>
      load(org, api, { operation, object, externalId }, csv, options),
    query: async (soql) => {
      const answer = await org.send({ method: 'GET', path: `query?q=${encodeURIComponent(soql)}` })
      return (await answer.json<{ records: Record<string, unknown>[] }>()).records
    },
  }
}

interface Work {
  readonly operation: OperationName
  readonly object: string
  readonly externalId: string | undefined
}

async function load(org: Org, api: Api, work: Work, csv: string, options?: SoapOptions): Promise<Loaded> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-soap-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'in.csv'), csv)
  const plan = await planLoad(
    { ...work, file: 'in.csv' },
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
  const clock = {
    ...systemClock,
    sleep: (time: number, signal?: AbortSignal) => systemClock.sleep(Math.min(time, 20), signal),
  }
  const transport =
    api === 'soap'
      ? createSoapTransport(org, plan.object, {
          pause: async () => {},
          findWritten: (lost) => findWritten(lost, { org, folder, signal: new AbortController().signal }),
          ...options,
        })
      : createBulkTransport(org, { temporaryFolder: folder, clock })
  const account = await runLoad(plan, { transport, report: () => {}, signal: new AbortController().signal })
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined)
  return { account, success: await read('in.success.csv'), errors: await read('in.errors.csv') }
}
