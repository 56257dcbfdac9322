import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openOfflineOrg } from '../check/offline-org.ts'
import { delimiters } from '../csv/dialect.ts'
import { UsageError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { discardPlan, type LoadPlan, planLoad } from '../load/plan.ts'
import { type LoadAccount, runLoad } from '../load/run-load.ts'
import type { Transport } from '../load/transport.ts'
import { WrittenIds } from '../load/written-ids.ts'
import type { OperationName } from '../operations.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { Timeline } from '../report/timeline.ts'
import { checkReportPath } from '../report/write-report.ts'
import { findRunOfFile } from '../runs/list-runs.ts'
import { currentFolder, keptInputFolder, lookupsFolder, runFolder, selectionFolder } from '../runs/run-folder.ts'
import type { RunHistory } from '../runs/run-history.ts'
import { createRunId } from '../runs/run-id.ts'
import { beginJournal, dropRun, type RunJournal } from '../runs/run-journal.ts'
import { loadView } from '../ui/load-progress.ts'
import { writtenIdsPath } from '../undo/undo-files.ts'
import { checkUndoable } from '../undo/undo-steps.ts'
import { createVerdictGate } from '../undo/verdict-gate.ts'
import type { checkOptions } from './check.ts'
import type { CommandCall, CommandResult, Io } from './command.ts'
import { concludeWrite, type FinishedWrite, renderAgain } from './conclude-write.ts'
import { confirmProtected } from './confirm-protected.ts'
import { dropLookups, fetchLookup } from './fetch-lookup.ts'
import { foreseeWrite } from './foresee-write.ts'
import { nameSource } from './name-source.ts'
import { noteTimes } from './note-times.ts'
import { checkGates, Gates } from './open-gates.ts'
import { checkApi, openTransport } from './open-transport.ts'
import type { OptionValues } from './option.ts'
import { checkSameMapping, checkSameOrg, describeRun, mappingPath, underJournal } from './recorded-run.ts'
import { reopenInput } from './reopen-input.ts'
import { canAsk, checkSelection, selectRows } from './select-rows.ts'
import type { Undoing } from './select-undo.ts'
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
  const spoolFolder = await mkdtemp(join(tmpdir(), `sfbulk-${run}-`))
  const rowsOnTerminal = io.stdout.isTTY === true && [options.errors, options.success].includes('-')
  const timeline = new Timeline(() => performance.now())
  const talk = noteTimes(await openTalk(call, loadView, !rowsOnTerminal), timeline)
  const gates = new Gates(options)
  let finished: FinishedWrite | ExitCode
  try {
    const work = (org: Org) => load(operation, call, { org, run, spoolFolder, talk, resumed, gates })
    finished =
      options.describe === undefined
        ? await withOrg({ options, io, log: talk.log }, work)
        : await work(await openOfflineOrg(options.describe, io.folder))
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
  if (call.options.report !== undefined) await checkReportPath(resolve(call.io.folder, call.options.report))
  if (call.options.undo) checkUndoable(operation)
}

interface WriteTools {
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
  const { plan, path, keeps } = await prepare(operation, call, tools, home).catch(async (error: unknown) => {
    if (!resumed) await dropRun(home, run)
    throw error
  })
  let journal: RunJournal | undefined = resumed?.journal
  const opened = openTransport(operation, plan, options, {
    org,
    folder: spoolFolder,
    report: talk.report,
    onFallBack: async (api) => await journal?.append({ type: 'api', api }),
    earlier: past?.started.limits ? { api: past.api, limits: past.started.limits } : undefined,
  })
  if (options.dryRun === true) {
    talk.hide()
    const { json = false, quiet = false } = options
    return await foreseeWrite(plan, opened, { org, io, json, quiet, gates })
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

/** The plan of the call, or that of the run that is carried on. `path`: of the input, absolute; none for standard input. */
async function makePlan(
  operation: OperationName,
  call: WriteCall,
  { org, run, spoolFolder, talk, resumed, gates }: WriteTools,
  home: string,
): Promise<{ readonly plan: LoadPlan; readonly path: string | undefined }> {
  const { options, io, signal } = call
  const [object = '', file] = call.arguments
  const folder = runFolder(home, run)
  const selects = options.where !== undefined || options.undoes !== undefined
  const selected = selects ? await select(operation, call, { org, talk, resumed }, folder, spoolFolder) : undefined
  const input = selected ?? (file === '-' ? undefined : file)
  const kept = resumed && (await reopenInput(resumed.journal.past, folder))
  const place = options.dryRun ? join(spoolFolder, 'current') : currentFolder(folder)
  const gateTools = { org, signal, folder: place, spoolFolder }
  const plan = await planLoad(
    {
      operation,
      object,
      file: input,
      ...(selected === undefined ? {} : { name: options.undoes?.name ?? `${object}.${operation}` }),
      source: options.undoes && nameSource(call),
      set: options.set,
      externalId: options.externalId,
      map: options.map,
      mappingFile: options.mapping,
      successFile: options.dryRun === true ? 'none' : options.success,
      errorsFile: options.errors,
      delimiter: options.columnDelimiter && delimiters[options.columnDelimiter],
      encoding: options.encoding,
      nullValue: options.nullValue,
      emptyAsNull: options.emptyAsNull,
      failFast: options.failFast,
      maxRejects: options.maxRejects,
      lockRetries: options.lockRetries,
      parallelJobs: options.parallelJobs,
    },
    {
      org,
      runId: run,
      stdin: io.stdin,
      stdout: io.stdout,
      environment: io.environment,
      folder: io.folder,
      spoolFolder,
      fetchLookup: (soql) =>
        fetchLookup(soql, {
          org,
          spoolFolder,
          keepFolder: options.dryRun ? undefined : lookupsFolder(folder),
          signal,
          fresh: options.cache === false,
        }),
      keepFolder: options.spool === false || options.dryRun ? undefined : keptInputFolder(folder),
      resumed: kept,
      earlierRun: (path) => findRunOfFile(home, path),
      report: talk.report,
      openGate: options.undoes ? async () => createVerdictGate() : (rows) => gates.open(rows, gateTools),
    },
  )
  if (resumed) await checkSameMapping(plan, mappingPath(options.mapping, io.folder), resumed.journal.past.started)
  return { plan, path: input === undefined ? undefined : resolve(io.folder, input) }
}

/** The Ids that `--where` selects; a run that is carried on keeps those that it began with. */
async function select(
  operation: OperationName,
  call: WriteCall,
  { org, talk, resumed }: Pick<WriteTools, 'org' | 'talk' | 'resumed'>,
  folder: string,
  spoolFolder: string,
): Promise<string> {
  const [object = ''] = call.arguments
  const input = resumed?.journal.past.started.input
  if (input?.kind === 'file') return input.path
  const place = call.options.dryRun ? spoolFolder : selectionFolder(folder)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const { undoes } = call.options
  if (undoes === undefined) return await selectRows(operation, object, call, { org, folder: place, talk })
  const { selectUndo } = await import('./select-undo.ts')
  return await selectUndo(undoes, call, { org, place, folder, talk })
}

/** Everything that is decided before a run has a record. */
async function prepare(operation: OperationName, call: WriteCall, tools: WriteTools, home: string) {
  const made = await makePlan(operation, call, tools, home)
  return { ...made, keeps: await fieldsToKeep(operation, made.plan, call.options) }
}

/** The fields that the run keeps of its records; undefined when it keeps none. */
async function fieldsToKeep(operation: OperationName, plan: LoadPlan, options: WriteCall['options']) {
  const isKept = options.undo === true || options.undoes !== undefined
  if (!isKept || options.dryRun) return undefined
  try {
    const { checkUndo } = await import('./undo-record.ts')
    return checkUndo(operation, plan)
  } catch (error) {
    await discardPlan(plan)
    throw error
  }
}

async function openRecord(
  fields: Awaited<ReturnType<typeof fieldsToKeep>>,
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

/** Where rows come from and results go. */
interface StreamsOfCall extends Pick<WriteCall, 'arguments' | 'io'> {
  readonly options: Pick<WriteCall['options'], 'where' | 'undoes' | 'errors' | 'success' | 'json'>
}

/** Refuses to wait for rows that somebody would have to type, and to mix two outputs into one. */
export function checkStreams({ arguments: words, options, io }: StreamsOfCall): void {
  const readsStdin = nameSource({ arguments: words, options }) === 'stdin'
  if (readsStdin && io.stdin.isTTY === true) {
    throw new UsageError('no file is named, and standard input is a terminal', {
      code: 'NO_INPUT',
      hint: 'name a CSV file, or send one through a pipe',
    })
  }
  const names = [options.errors === '-' ? '--errors' : '', options.success === '-' ? '--success' : ''].filter(Boolean)
  if (options.json && names.length > 0) {
    throw new UsageError(`--json and ${names.join(' and ')} both write to stdout`, {
      code: 'SAME_OUTPUT',
      hint: `name a file with ${names.join(' and ')}`,
    })
  }
}
