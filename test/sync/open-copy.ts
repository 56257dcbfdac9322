import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openTransport } from '../../src/commands/open-transport.ts'
import { connect } from '../../src/org/connect.ts'
import type { Org } from '../../src/org/org.ts'
import type { OrgTools } from '../../src/org/request.ts'
import { openDatabase, type SqlValue, selectRows } from '../../src/sqlite/database.ts'
import { chooseFields, type WantedObject } from '../../src/sync/choose-fields.ts'
import { runSync, type SyncAccount, type SyncOptions } from '../../src/sync/sync.ts'
import { addObjects, createSyncFile, openSyncFile, type SyncFile } from '../../src/sync/sync-file.ts'
import type { SyncTools } from '../../src/sync/sync-tools.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'

/** A sync file of a fresh local org, and another client that has the file open. */
export interface Copy {
  readonly service: TestOrg
  readonly org: Org
  readonly path: string
  readonly file: SyncFile
  readonly tools: SyncTools
  /** Notes that the sync has told. */
  readonly notes: readonly string[]
  /** Runs SQL as any SQLite client would. */
  edit(sql: string): void
  /** Rows of a query as that client sees them. */
  rows(sql: string): SqlValue[][]
  sync(options?: Partial<SyncOptions>): Promise<SyncAccount>
  /** Creates records in the org, and gives their Ids. */
  create(object: string, ...records: readonly Readonly<Record<string, unknown>>[]): Promise<string[]>
  change(object: string, id: string, fields: Readonly<Record<string, unknown>>): Promise<void>
  remove(object: string, id: string): Promise<void>
  query(soql: string): Promise<Readonly<Record<string, unknown>>[]>
}

type Wanted = Partial<WantedObject> & { readonly object: string }

/** Six fields of leads, as the story of the page has them, or what is asked for. */
export const leads: Wanted = { object: 'Lead', fields: ['FirstName', 'LastName', 'Title', 'Company'] }

export async function openCopy(
  wanted: readonly Wanted[] = [leads],
  options: Parameters<typeof startTestOrg>[0] = {},
  connection?: OrgTools,
): Promise<Copy> {
  const service = await startTestOrg(options)
  const org = await connectTo(service, connection)
  const folder = await makeFolder()
  const path = join(folder, 'copy.db')
  const file = createSyncFile(path)
  const objects = []
  for (const each of wanted) {
    const complete = {
      fields: undefined,
      where: undefined,
      pattern: 'conflicts',
      externalId: undefined,
      files: undefined,
      ...each,
    } as const
    objects.push(chooseFields(complete, await org.describe(each.object)))
  }
  addObjects(file, objects)
  return wrap(service, org, path, file, folder)
}

/**
 * A sync that is killed at its nth call of the org, before it leaves or when it has been answered, and the same file as the
 * next process finds it; undefined when the sync ended before that.
 */
export async function killAt(
  copy: Copy,
  nth: number,
  when: 'before' | 'after',
  options: Partial<SyncOptions> = {},
): Promise<Copy | undefined> {
  let calls = 0
  const never = new Promise<never>(() => undefined)
  const { promise: killed, resolve: kill } = withResolvers()
  const send: Org['send'] = async (request) => {
    calls += 1
    if (calls < nth) return await copy.org.send(request)
    if (calls === nth && when === 'after') await copy.org.send(request)
    kill()
    return await never
  }
  const org: Org = Object.create(copy.org, { send: { value: send } })
  const sync = runSync(
    { ...copy.tools, org, ...transportsOf(org, copy.tools.folder) },
    { pull: true, push: true, ...options },
  )
  const ended = await Promise.race([killed, sync.then(() => true)])
  if (ended === true) return undefined
  copy.file.close()
  return wrap(copy.service, copy.org, copy.path, openSyncFile(copy.path), await makeFolder())
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

function transportsOf(org: Org, folder: string): Pick<SyncTools, 'openTransport'> {
  return {
    openTransport: async (operation, plan) =>
      (await openTransport(operation, plan, {}, { org, folder, report: () => undefined })).transport,
  }
}

function wrap(service: TestOrg, org: Org, path: string, file: SyncFile, folder: string): Copy {
  const client = openDatabase(path)
  onTestFinished(() => {
    client.close()
    if (file.storage.open) file.close()
  })
  const notes: string[] = []
  let pushes = 0
  const tools: SyncTools = {
    file,
    org,
    folder,
    signal: new AbortController().signal,
    writesSingly: true,
    clock: { now: () => Date.now(), sleep: async () => undefined },
    namePush: () => `push-${process.hrtime.bigint()}-${++pushes}`,
    report: (event) => {
      if (event.type === 'note') notes.push(event.text)
    },
    ...transportsOf(org, folder),
  }
  const call = async (method: string, target: string, body?: unknown) => {
    const response = await service.call(method, target, body)
    if (response.status >= 400) throw new Error(`${method} ${target}: ${response.status} ${await response.text()}`)
    return response
  }
  return {
    service,
    org,
    path,
    file,
    tools,
    notes,
    edit: (sql) => client.exec(sql),
    rows: (sql) => selectRows(client, sql),
    sync: (options = {}) => runSync(tools, { pull: true, push: true, ...options }),
    create: async (object, ...records) => {
      const ids: string[] = []
      for (const record of records) {
        const response = await call('POST', `sobjects/${object}`, record)
        ids.push(((await response.json()) as { id: string }).id)
      }
      return ids
    },
    change: async (object, id, fields) => {
      await call('PATCH', `sobjects/${object}/${id}`, fields)
    },
    remove: async (object, id) => {
      await call('DELETE', `sobjects/${object}/${id}`)
    },
    query: async (soql) => {
      const response = await call('GET', `query?q=${encodeURIComponent(soql)}`)
      const { records } = (await response.json()) as { records: Record<string, unknown>[] }
      return records.map(({ attributes: _, ...fields }) => fields)
    },
  }
}

async function connectTo({ accessToken, url: instanceUrl }: TestOrg, connection?: OrgTools): Promise<Org> {
  const login = { flow: 'access-token', accessToken, instanceUrl } as const
  const org = await connect({ apiVersion: undefined, login, origin: 'the test' }, {}, connection)
  onTestFinished(() => org.close())
  return org
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-copy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
