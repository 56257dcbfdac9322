import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { attachFiles } from '../../src/attach/attach-files.ts'
import { type CallLimits, callLimits } from '../../src/attach/cut-calls.ts'
import { type AttachRequest, planAttach } from '../../src/attach/plan.ts'
import { findWritten } from '../../src/check/find-written.ts'
import type { LoadAccount } from '../../src/load/run-load.ts'
import { connect } from '../../src/org/connect.ts'
import type { Org } from '../../src/org/org.ts'
import type { OrgTools } from '../../src/org/request.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'

export interface Attached {
  /** Lines of the result files, without their headers; empty where there is none. */
  readonly success: readonly string[]
  readonly errors: readonly string[]
  readonly account: LoadAccount
  readonly notes: readonly string[]
}

interface AttachOptions extends Partial<AttachRequest> {
  readonly limits?: Partial<CallLimits>
  readonly signal?: AbortSignal
  readonly parallelCalls?: number
}

/** A fresh local org, a connection to it, an Account in it, and a folder with files. */
export interface AttachingOrg {
  readonly service: TestOrg
  readonly org: Org
  readonly folder: string
  /** Id of the Account. */
  readonly parent: string
  write(name: string, content: string | Buffer): Promise<void>
  /** Sends the rows of a manifest, which lies in the folder. */
  attach(manifest: string, options?: AttachOptions): Promise<Attached>
  /** Records of a query, without attributes. */
  query(soql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  body(path: string): Promise<Buffer>
  /** Ids of so many new Accounts. */
  createParent(name: string): Promise<string>
}

export async function openAttachingOrg(connection?: OrgTools): Promise<AttachingOrg> {
  const service = await startTestOrg()
  const { accessToken, url: instanceUrl } = service
  const login = { flow: 'access-token', accessToken, instanceUrl } as const
  const org = await connect({ apiVersion: undefined, login, origin: 'the test' }, {}, connection)
  onTestFinished(() => org.close())
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-attach-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const createParent = async (Name: string) => {
    const response = await service.call('POST', 'sobjects/Account', { Name, ERP_Id__c: Name })
    return ((await response.json()) as { id: string }).id
  }
  return {
    service,
    org,
    folder,
    parent: await createParent('Parent'),
    createParent,
    attach: (manifest, options) => attach(org, folder, manifest, options),
    async write(name, content) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), content)
    },
    async query(soql) {
      const answer = await service.call('GET', `query?q=${encodeURIComponent(soql)}`)
      const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
      return records.map(({ attributes, ...record }) => record)
    },
    async body(path) {
      return Buffer.from(await (await service.call('GET', `sobjects/${path}`)).arrayBuffer())
    },
  }
}

async function attach(org: Org, folder: string, manifest: string, options: AttachOptions = {}): Promise<Attached> {
  const { limits, signal = new AbortController().signal, parallelCalls = 1, ...request } = options
  await writeFile(join(folder, 'in.csv'), manifest)
  const notes: string[] = []
  const plan = await planAttach(
    { operation: 'insert', storedAs: 'attachment', allowOutside: false, file: 'in.csv', ...request },
    {
      org,
      runId: 'run-1',
      stdin: Readable.from([]),
      stdout: new PassThrough(),
      environment: {},
      folder,
      spoolFolder: folder,
      earlierRun: async () => undefined,
      report: (event) => {
        if (event.type === 'note') notes.push(event.text)
      },
    },
  )
  const account = await attachFiles(plan, {
    org,
    parallelCalls,
    limits: { ...callLimits, ...limits },
    report: () => {},
    signal,
    findWritten: (lost) => findWritten(lost, { org, folder, signal }),
    pause: async () => {},
  })
  const read = async (name: string) => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '')
    return text.split('\n').slice(1, -1)
  }
  return { account, notes, success: await read('in.success.csv'), errors: await read('in.errors.csv') }
}
