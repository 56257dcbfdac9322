import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { parse } from 'csv-parse/sync'
import type { LoadEvent } from '../../src/load/events.ts'
import { type LoadPlan, type LoadRequest, planLoad } from '../../src/load/plan.ts'
import { type LoadAccount, runLoad } from '../../src/load/run-load.ts'
import type { Transport } from '../../src/load/transport.ts'
import { completeField } from '../../src/org/complete-description.ts'
import type { FieldDescription, ObjectDescription } from '../../src/org/object-description.ts'
import type { Org } from '../../src/org/org.ts'

export interface LoadOutcome {
  readonly account: LoadAccount
  readonly success: readonly Record<string, string>[]
  readonly errors: readonly Record<string, string>[]
  readonly successText: string | undefined
  readonly errorsText: string | undefined
  readonly events: readonly LoadEvent[]
}

/** A field with describe's defaults; tests say what differs. */
export function field(name: string, type = 'string', more: Partial<FieldDescription> = {}): FieldDescription {
  const label = name.replace(/__c$/, '').replaceAll('_', ' ')
  const isId = name === 'Id'
  return completeField({
    name,
    label,
    type,
    length: 255,
    createable: !isId,
    updateable: !isId,
    idLookup: isId,
    ...more,
  })
}

export const thing: ObjectDescription = {
  name: 'Thing__c',
  label: 'Thing',
  keyPrefix: 'a00',
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  fields: [
    field('Id', 'id'),
    field('Name'),
    field('Key__c', 'string', { externalId: true, unique: true }),
    field('Number_Key__c', 'double', { externalId: true, unique: true }),
    field('Amount__c', 'currency'),
    field('Open__c', 'boolean', { nillable: false, defaultedOnCreate: true }),
    field('Due__c', 'date'),
    field('Seen__c', 'datetime'),
    field('Note__c', 'textarea'),
    field('CreatedDate', 'datetime', { createable: false, updateable: false }),
    field('Account__c', 'reference', { referenceTo: ['Account'], relationshipName: 'Account__r' }),
    field('OwnerId', 'reference', { referenceTo: ['Group', 'User'], relationshipName: 'Owner' }),
  ],
}

/** Runs a load of a real file in a folder of its own against a service that the test made. */
export async function loadInMemory(
  input: string | Buffer,
  request: Partial<LoadRequest> & Pick<LoadRequest, 'operation'>,
  transport: Transport,
  signal: AbortSignal = new AbortController().signal,
): Promise<LoadOutcome> {
  const events: LoadEvent[] = []
  const report = (event: LoadEvent) => void events.push(event)
  const { plan, folder } = await planInMemory(input, request, report)
  const account = await runLoad(plan, { transport, report, signal, pause: async () => {} })
  const successText = await readFile(join(folder, 'in.success.csv'), 'utf8').catch(() => undefined)
  const errorsText = await readFile(join(folder, 'in.errors.csv'), 'utf8').catch(() => undefined)
  return {
    account,
    events,
    successText,
    errorsText,
    get success() {
      return rowsOf(successText)
    },
    get errors() {
      return rowsOf(errorsText)
    },
  }
}

/** The plan of such a load, with the folder that its files lie in. */
export async function planInMemory(
  input: string | Buffer,
  request: Partial<LoadRequest> & Pick<LoadRequest, 'operation'>,
  report: (event: LoadEvent) => void = () => {},
): Promise<{ readonly plan: LoadPlan; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-load-'))
  await writeFile(resolve(folder, request.file ?? 'in.csv'), input)
  const plan = await planLoad(
    { object: 'Thing__c', file: 'in.csv', ...request },
    {
      org: orgOf(thing),
      runId: 'run-1',
      stdin: Readable.from([]),
      stdout: new PassThrough(),
      environment: {},
      folder,
      spoolFolder: join(folder, 'spool'),
      earlierRun: async () => undefined,
      report,
    },
  )
  return { plan, folder }
}

/** Rows of a result file as a strict reader of CSV sees them; its first delimiter is the file's. */
export function rowsOf(text: string | undefined): Record<string, string>[] {
  if (text === undefined) return []
  const delimiter = /[,;\t|]/.exec(text)?.[0] ?? ','
  return parse(text, { columns: true, bom: true, delimiter }) as Record<string, string>[]
}

function orgOf(object: ObjectDescription): Org {
  const refuse = async () => {
    throw new Error('no request is expected')
  }
  return {
    name: 'test',
    instanceUrl: 'http://127.0.0.1',
    username: undefined,
    isProtected: false,
    apiVersion: '66.0',
    usage: { apiCalls: 0, bytesSent: 0, bytesReceived: 0 },
    send: refuse,
    callLimits: {},
    callsLeft: () => Number.POSITIVE_INFINITY,
    soapTakesSession: true,
    describe: async () => object,
    forgetDescription: async () => {},
    close: async () => {},
  }
}
