import { createBulkTransport } from '../bulk/bulk-transport.ts'
import { UsageError } from '../errors.ts'
import type { Report } from '../load/events.ts'
import { fallBack } from '../load/fall-back.ts'
import type { LoadPlan } from '../load/plan.ts'
import { recogniseRows } from '../load/recognise-rows.ts'
import { smallBySoap } from '../load/small-by-soap.ts'
import type { Transport } from '../load/transport.ts'
import { type OperationName, operations } from '../operations.ts'
import type { Org } from '../org/org.ts'
import { findSoapCall } from '../soap/calls.ts'
import { type ApiChoice, chooseApi } from './choose-api.ts'
import type { OptionValues } from './option.ts'
import type { changeOptions, ruleOption, sendOptions, soapOptions } from './options.ts'

export type SendValues = Partial<
  OptionValues<typeof sendOptions> & OptionValues<typeof ruleOption & typeof soapOptions & typeof changeOptions>
>

export interface TransportTools {
  readonly org: Org
  /** Private folder for result files while they are read. */
  readonly folder: string
  readonly report: Report
  /** Told when the rows go by another API than was chosen, before any of them does. */
  readonly onFallBack?: ((api: Transport['api']) => Promise<void>) | undefined
  /** What an earlier process of the run chose. */
  readonly earlier?: EarlierChoice | undefined
}

export interface EarlierChoice {
  readonly api: string
  readonly limits: { readonly maxBytes: number; readonly maxRows: number }
}

/** Throws `UsageError` for an operation that the API asked for does not have, and for options that it does not take. */
export function checkApi(operation: OperationName, options: SendValues): void {
  if (operation === 'undelete' && options.api === 'bulk') {
    throw new UsageError('only the SOAP API undeletes', { code: 'ONLY_BY_SOAP', hint: 'leave out --api bulk' })
  }
  if (options.api === 'soap' && options.async) {
    throw new UsageError('SOAP answers at once, so there is nothing to come back for', {
      code: 'ASYNC_BY_SOAP',
      hint: 'leave out --async, or leave out --api soap',
    })
  }
  if (options.api === 'soap') {
    findSoapCall(operations[operation].bulkName)
    return
  }
  const given = [
    options.assignmentRule === 'default' ? '--assignment-rule default' : '',
    options.allOrNone ? '--all-or-none' : '',
    options.allowDuplicates ? '--allow-duplicates' : '',
    options.feedTracking === false ? '--no-feed-tracking' : '',
  ].filter((name) => name !== '')
  if (given.length === 0) return
  throw new UsageError(`${given.join(' and ')} can only be said to SOAP`, {
    code: 'ONLY_BY_SOAP',
    hint: 'add --api soap',
  })
}

export interface OpenedTransport {
  readonly transport: Transport
  readonly choice: ApiChoice
}

/** The way that the rows of a plan take. */
export async function openTransport(
  operation: OperationName,
  plan: LoadPlan,
  options: SendValues,
  tools: TransportTools,
): Promise<OpenedTransport> {
  const { earlier } = tools
  if (earlier !== undefined) {
    const transport = earlier.api === 'soap' ? await openSoap(plan, options, tools) : openBulk(plan, options, tools)
    const api = transport.api === 'soap' ? 'soap' : 'bulk'
    // The same limits cut the input at the same places.
    const limits = { ...transport.limits, ...earlier.limits }
    return { transport: { ...transport, limits }, choice: { api, reason: 'the run began with it', calls: undefined } }
  }
  const choice = chooseApi({
    operation,
    asked: options.api ?? 'auto',
    input: plan.source.peek(),
    hasBinary: plan.mapping.columns.some(({ target }) => target.type === 'base64'),
    soapTakesSession: tools.org.soapTakesSession,
    jobBytesGiven: options.jobBytes !== undefined,
    submitOnly: options.async === true,
  })
  const withWayBack = (soap: Transport) => fallBack(soap, () => openBulk(plan, options, tools), tools)
  if (choice.api !== 'soap') {
    const jobs = openBulk(plan, options, tools)
    return {
      transport: mayShrink(operation, options, tools)
        ? smallBySoap(jobs, async () => withWayBack(await openSoap(plan, options, tools)), tools)
        : jobs,
      choice,
    }
  }
  const soap = await openSoap(plan, options, tools)
  if (options.api === 'soap' || operation === 'undelete') return { transport: soap, choice }
  return { transport: withWayBack(soap), choice }
}

/** Whether so many rows may be held back that the others are for SOAP, which is not known before they have been read. */
function mayShrink(operation: OperationName, options: SendValues, { org }: TransportTools): boolean {
  const { api = 'auto', jobBytes, async, onlyChanged, onlyEmpty } = options
  const isChoiceFree = api === 'auto' && jobBytes === undefined && async !== true && operation !== 'hard-delete'
  return isChoiceFree && org.soapTakesSession && (onlyChanged === true || onlyEmpty === true)
}

/** Loaded when rows go by SOAP: a load by Bulk has no use for a reader of XML. */
async function openSoap(plan: LoadPlan, options: SendValues, tools: TransportTools): Promise<Transport> {
  const soap = await import('./open-soap.ts')
  return soap.openSoap(plan, options, tools)
}

function openBulk({ mapping }: LoadPlan, options: SendValues, { org, folder, report }: TransportTools): Transport {
  return createBulkTransport(org, {
    jobBytes: options.jobBytes,
    assignmentRule: options.assignmentRule,
    deadline: options.wait === undefined ? undefined : Date.now() + options.wait * 60_000,
    temporaryFolder: folder,
    recognise: (csv, answers) => recogniseRows(mapping, csv, answers),
    onState: ({ id, state, numberRecordsProcessed = 0, numberRecordsFailed = 0 }) =>
      report({ type: 'job-state', job: id, state, processed: numberRecordsProcessed, rejected: numberRecordsFailed }),
  })
}
