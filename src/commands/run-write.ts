import { rm } from 'node:fs/promises'
import { openOfflineOrg } from '../check/offline-org.ts'
import { UsageError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { discardPlan, type LoadPlan } from '../load/plan.ts'
import { type LoadAccount, runLoad } from '../load/run-load.ts'
import type { Transport } from '../load/transport.ts'
import { WrittenIds } from '../load/written-ids.ts'
import type { OperationName } from '../operations.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { Timeline } from '../report/timeline.ts'
import { checkReportPath } from '../report/write-report.ts'
import { runFolder } from '../runs/run-folder.ts'
import type { RunHistory } from '../runs/run-history.ts'
import { createRunId } from '../runs/run-id.ts'
import { beginJournal, dropRun, type RunJournal } from '../runs/run-journal.ts'
import { loadView } from '../ui/load-progress.ts'
import { writtenIdsPath } from '../undo/undo-files.ts'
import { checkUndoable } from '../undo/undo-steps.ts'
import type { checkOptions } from './check.ts'
import { checkStreams } from './check-streams.ts'
import type { CommandCall, CommandResult, Io } from './command.ts'
import { concludeWrite, type FinishedWrite, renderAgain } from './conclude-write.ts'
import { confirmProtected } from './confirm-protected.ts'
import { noteFailedWrite } from './failed-write.ts'
import { dropLookups } from './fetch-lookup.ts'
import { foreseeWrite } from './foresee-write.ts'
import { nameSource } from './name-source.ts'
import { noteTimes } from './note-times.ts'
import { checkGates, Gates } from './open-gates.ts'
import { checkApi, openTransport } from './open-transport.ts'
import type { OptionValues } from './option.ts'
import { prepareWrite } from './plan-write.ts'
import { checkSameOrg, describeRun, mappingPath, underJournal } from './recorded-run.ts'
import { canAsk, checkSelection } from './select-rows.ts'
import type { Undoing } from './select-undo.ts'
import { makeSpoolFolder } from './spool-folder.ts'
import { recallFailed } from './summarize-run.ts'
import { openTalk, type Talk } from './talk.ts'
import type { UndoRecord, UndoRecordTools } from './undo-record.ts'
import { withOrg } from './with-org.ts'
import type { updateOptions, upsertOptions, writeOptions } from './write-command.ts'

/** What was typed after one of the writing commands; options that not all of them have may be missing. */
export type WriteCall = CommandCall<
  OptionValues<typeof writeOptions> &
    Partial<OptionValues<typeof upsertOptions>> &
    Partial<OptionValues<typeof updateOptions>> &
    Partial<OptionValues<typeof checkOptions>> & {
      /** The run that is undone: the rows are made of what it has kept. */
      readonly undoes?: Undoing
    }
>

/** A run of an earlier process that is carried on. */
export interface ResumedRun {
  readonly journal: RunJournal & { readonly past: RunHistory }
  /** Where the process that carries it on was started; the run itself keeps its own folder. */
  readonly io: Io
}

/** Writes the rows of a CSV to an org and gives their account; or carries on a run that does. */
export async function runWrite(
  operation: OperationName,
  call: WriteCall,
  resumed?: ResumedRun,
): Promise<CommandResult> {
  const { options } = call
  const io = resumed?.io ?? call.io
  if (resumed === undefined) await checkCall(operation, call)
  const began = { time: new Date(), milliseconds: performance.now() }
  const run = resumed?.journal.past.run ?? createRunId(began.time, Math.random)
  const spoolFolder = await makeSpoolFolder(run, resumed !== undefined)
  const rowsOnTerminal = io.stdout.isTTY === true && [options.errors, options.success].includes('-')
  const timeline = new Timeline(() => performance.now())
  const talk = noteTimes(await openTalk(call, loadView, !rowsOnTerminal), timeline)
  const gates = new Gates(options)
  let finished: FinishedWrite | ExitCode
  let reached: Org | undefined
  try {
    const work = (org: Org) => {
      reached = org
      return load(operation, call, { org, run, spoolFolder, talk, resumed, gates })
    }
    finished =
      options.describe === undefined
        ? await withOrg({ options, io, log: talk.log }, work)
        : await work(await openOfflineOrg(options.describe, io.folder))
  } catch (error) {
    if (options.json) {
      const [sobject = ''] = call.arguments
      const shown = options.undoes === undefined ? operation : 'undo'
      const home = sfbulkHome(io.environment)
      const write = { operation: shown, sobject, run, home, org: reached, began: began.milliseconds }
      noteFailedWrite(error, await recallFailed(write))
    }
    throw error
  } finally {
    talk.stop()
    gates.close()
    await rm(spoolFolder, { recursive: true, force: true })
  }
  if (typeof finished === 'number') return finished
  const again = (errors: string) => renderAgain(operation, call, errors)
  return await concludeWrite(operation, { ...call, io }, { ...finished, run, began, again, timeline }, talk)
}

async function checkCall(operation: OperationName, call: WriteCall): Promise<void> {
  checkSelection(operation, call)
  checkStreams(call)
  checkGates(operation, call.options)
  checkApi(operation, call.options)
  checkSpool(call)
  await checkReport(call)
  if (call.options.undo) checkUndoable(operation)
}

async function checkReport({ arguments: [, file], options, io }: WriteCall): Promise<void> {
  if (options.report === undefined) return
  await checkReportPath(options.report, io.folder, [file, options.mapping, options.success, options.errors])
}

function checkSpool({ arguments: [, file], options }: WriteCall): void {
  const isStdin = file === undefined || file === '-'
  if (!options.async || options.spool !== false || !isStdin || options.where !== undefined) return
  throw new UsageError('--async and --no-spool do not go together: nothing would be left to collect the answers with', {
    code: 'ASYNC_WITHOUT_SPOOL',
    hint: 'leave out --no-spool: the copy of standard input is deleted with the end of the run',
  })
}

/** What the parts of a write have in common. */
export interface WriteTools {
  readonly org: Org
  readonly run: string
  readonly spoolFolder: string
  readonly talk: Talk<Parameters<typeof loadView.apply>[1]>
  readonly resumed: ResumedRun | undefined
  readonly gates: Gates
}

/** The load, or with `--dry-run` what it would come to. */
async function load(operation: OperationName, call: WriteCall, tools: WriteTools): Promise<FinishedWrite | ExitCode> {
  const { options, io, signal } = call
  const { org, run, spoolFolder, talk, resumed, gates } = tools
  const home = sfbulkHome(io.environment)
  const past = resumed?.journal.past
  if (past) checkSameOrg(org, past.started.org, run)
  else if (options.dryRun !== true && !hasOwnQuestion(call)) {
    const [object = ''] = call.arguments
    await confirmProtected(org, `${operation} ${object}`, { yes: options.yes, io, signal, hide: talk.hide })
  }
  const { plan, path, keeps } = await prepareWrite(operation, call, tools, home).catch(async (error: unknown) => {
    if (!resumed) await dropRun(home, run)
    throw error
  })
  let journal: RunJournal | undefined = resumed?.journal
  const opened = await openTransport(operation, plan, options, {
    org,
    folder: spoolFolder,
    report: talk.report,
    onFallBack: async (api) => await journal?.append({ type: 'api', api }),
    earlier: past?.started.limits ? { api: past.api, limits: past.started.limits } : undefined,
  })
  if (options.dryRun === true) {
    if (options.report !== undefined)
      talk.line(`no page is written to ${options.report}: a check sends nothing to tell of`)
    return await foreseeWrite(plan, opened, { org, io, json: options.json === true, gates, talk })
  }
  const { transport, choice } = opened
  talk.log?.(`rows go by ${choice.api}: ${choice.reason}`)
  await dropLookups(org)
  journal ??= await beginRun(operation, call, { org, run, plan, path, home, transport })
  const record = journal
  const submitOnly = options.async === true
  const account = await underJournal(record, { home, run }, async () => {
    const folder = runFolder(home, run)
    const undo = await openRecord(keeps, plan, { org, signal, folder, spoolFolder, line: talk.line })
    const written = new WrittenIds(writtenIdsPath(folder))
    const kept = undo === undefined || options.undoes ? transport : undo.keepBefore(transport)
    try {
      const done = await runLoad(plan, {
        transport: kept,
        report: talk.report,
        signal,
        journal: record,
        submitOnly,
        written,
      })
      if (!done.paused) await undo?.keepAfter()
      return done
    } finally {
      undo?.close()
    }
  })
  if (tellsUnknownField(account)) await org.forgetDescription(plan.object.name)
  const { apiCalls, bytesSent } = org.usage
  const { api } = transport
  const reasonOfOther = api === 'soap' ? 'the rows that are left to send fit one call' : `the org refuses ${choice.api}`
  const apiReason = api === choice.api ? choice.reason : reasonOfOther
  const { delimiter } = plan.source.dialect
  return { account, org: org.name, object: plan.object.name, api, apiReason, apiCalls, bytesSent, journal, delimiter }
}

/** Whether the records are counted and shown before somebody is asked about them. */
function hasOwnQuestion({ options, io }: WriteCall): boolean {
  return options.where !== undefined || (options.undoes !== undefined && canAsk(io))
}

async function openRecord(
  fields: Awaited<ReturnType<typeof prepareWrite>>['keeps'],
  plan: LoadPlan,
  tools: UndoRecordTools,
): Promise<UndoRecord | undefined> {
  if (fields === undefined) return undefined
  const { openUndoRecord } = await import('./undo-record.ts')
  return openUndoRecord(fields, plan, tools)
}

async function beginRun(
  operation: OperationName,
  call: WriteCall,
  made: {
    readonly org: Org
    readonly run: string
    readonly plan: LoadPlan
    readonly path: string | undefined
    readonly home: string
    readonly transport: Transport
  },
): Promise<RunJournal> {
  const { arguments: words, options, io } = call
  const { org, run, plan, path, home, transport } = made
  const source = nameSource(call)
  const { api, limits } = transport
  const mappingFile = mappingPath(options.mapping, io.folder)
  const object = plan.object.name
  const started = {
    run,
    command: operation,
    call: { arguments: words, options, folder: io.folder },
    org,
    object,
    source,
  }
  try {
    return await beginJournal(home, await describeRun({ ...started, path, plan, mappingFile, api, limits }))
  } catch (error) {
    await discardPlan(plan)
    throw error
  }
}

/** Whether the service says that a field is not there: then what is kept of the object is out of date. */
function tellsUnknownField({ reasons, error }: LoadAccount): boolean {
  return [...reasons.map(({ text }) => text), error?.message ?? ''].some((text) => unknownField.test(text))
}

const unknownField = /INVALID_FIELD|InvalidBatch|No such column|Field name not found/
