import { rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { attachFiles } from '../attach/attach-files.ts'
import { type CallLimits, callLimits } from '../attach/cut-calls.ts'
import { type AttachPlan, planAttach } from '../attach/plan.ts'
import { findWritten } from '../check/find-written.ts'
import { UsageError } from '../errors.ts'
import { discardPlan } from '../load/plan.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { Timeline } from '../report/timeline.ts'
import { findRunOfFile } from '../runs/list-runs.ts'
import { keptInputFolder, lookupsFolder, runFolder } from '../runs/run-folder.ts'
import { createRunId } from '../runs/run-id.ts'
import { beginJournal, dropRun, type RunJournal } from '../runs/run-journal.ts'
import { loadView } from '../ui/load-progress.ts'
import type { attachOptions } from './attach.ts'
import { checkStreams } from './check-streams.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { concludeWrite, type FinishedWrite } from './conclude-write.ts'
import { confirmProtected } from './confirm-protected.ts'
import { noteFailedWrite } from './failed-write.ts'
import { fetchLookup } from './fetch-lookup.ts'
import { noteTimes } from './note-times.ts'
import type { OptionValues } from './option.ts'
import { quoteWords } from './quote-words.ts'
import { checkSameMapping, checkSameOrg, describeRun, mappingPath, underJournal } from './recorded-run.ts'
import { reopenInput } from './reopen-input.ts'
import { requestOf } from './request-of.ts'
import { runDownload } from './run-download.ts'
import type { ResumedRun } from './run-write.ts'
import { makeSpoolFolder } from './spool-folder.ts'
import { recallFailed } from './summarize-run.ts'
import { openTalk, type Talk } from './talk.ts'
import { withOrg } from './with-org.ts'

export type AttachCall = CommandCall<OptionValues<typeof attachOptions>>

const defaultParallelCalls = 3

/** Sends the files of a manifest to an org and gives their account, or carries on a run that does; or the other way round. */
export async function run(call: AttachCall, resumed?: ResumedRun): Promise<CommandResult> {
  const { options } = call
  const io = resumed?.io ?? call.io
  const [file] = call.arguments
  if (options.download !== undefined || options.to !== undefined) return await runDownload(call)
  checkOptions(call)
  const write = { arguments: [undefined, file], options: { ...options, where: undefined }, io }
  if (resumed === undefined) checkStreams(write)
  const began = { time: new Date(), milliseconds: performance.now() }
  const runId = resumed?.journal.past.run ?? createRunId(began.time, Math.random)
  const spoolFolder = await makeSpoolFolder(runId, resumed !== undefined)
  const rowsOnTerminal = io.stdout.isTTY === true && [options.errors, options.success].includes('-')
  const timeline = new Timeline(() => performance.now())
  const talk = noteTimes(await openTalk(call, loadView, !rowsOnTerminal), timeline)
  let finished: FinishedWrite
  let reached: Org | undefined
  try {
    finished = await withOrg({ options, io, log: talk.log }, (org) => {
      reached = org
      return attach(call, { org, runId, spoolFolder, talk, resumed })
    })
  } catch (error) {
    if (options.json) {
      const sobject = options.as === 'file' ? 'ContentVersion' : 'Attachment'
      const home = sfbulkHome(io.environment)
      const write = { operation: options.operation ?? 'insert', sobject, run: runId, home, org: reached }
      noteFailedWrite(error, await recallFailed({ ...write, began: began.milliseconds }))
    }
    throw error
  } finally {
    talk.stop()
    await rm(spoolFolder, { recursive: true, force: true })
  }
  const again = (errors: string) => renderAgain(call, errors)
  return await concludeWrite(
    options.operation ?? 'insert',
    write,
    { ...finished, run: runId, began, again, timeline },
    talk,
  )
}

interface AttachTools {
  readonly org: Org
  readonly runId: string
  readonly spoolFolder: string
  readonly talk: Talk<Parameters<typeof loadView.apply>[1]>
  readonly resumed: ResumedRun | undefined
}

async function attach(call: AttachCall, tools: AttachTools): Promise<FinishedWrite> {
  const { options, io, signal } = call
  const { org, runId, spoolFolder, talk, resumed } = tools
  const past = resumed?.journal.past
  if (past) checkSameOrg(org, past.started.org, runId)
  else await confirmProtected(org, 'attach', { yes: options.yes, io, signal, hide: talk.hide })
  const home = sfbulkHome(io.environment)
  const plan = await makePlan(call, tools, home).catch(async (error: unknown) => {
    if (!resumed) await dropRun(home, runId)
    throw error
  })
  const limits = past?.started.limits ? limitsOfRun(past.started.limits) : callLimits
  const journal = resumed?.journal ?? (await beginRun(call, plan, tools, home))
  const account = await underJournal(journal, { home, run: runId }, () =>
    attachFiles(plan, {
      org,
      parallelCalls: options.parallelCalls ?? defaultParallelCalls,
      limits,
      report: talk.report,
      signal,
      journal,
      findWritten: (lost) => findWritten(lost, { org, folder: spoolFolder, signal: new AbortController().signal }),
    }),
  )
  const { apiCalls, bytesSent } = org.usage
  return {
    account,
    org: org.name,
    object: plan.kind.object,
    api: 'soap',
    apiCalls,
    bytesSent,
    journal,
    delimiter: plan.load.source.dialect.delimiter,
  }
}

/** The same limits cut the manifest at the same places. */
function limitsOfRun({ maxBytes, maxRows }: { readonly maxBytes: number; readonly maxRows: number }): CallLimits {
  return { ...callLimits, mostBytes: maxBytes, mostRows: maxRows }
}

async function makePlan(
  call: AttachCall,
  { org, runId, spoolFolder, talk, resumed }: AttachTools,
  home: string,
): Promise<AttachPlan> {
  const { options, io, signal } = call
  const [file] = call.arguments
  const folder = runFolder(home, runId)
  const plan = await planAttach(
    {
      ...requestOf(options),
      operation: options.operation ?? 'insert',
      storedAs: options.as ?? 'attachment',
      allowOutside: options.allowOutside ?? false,
      file,
    },
    {
      org,
      runId,
      stdin: io.stdin,
      signal,
      stdout: io.stdout,
      environment: io.environment,
      folder: io.folder,
      spoolFolder,
      fetchLookup: (soql) =>
        fetchLookup(soql, { org, spoolFolder, keepFolder: lookupsFolder(folder), signal, fresh: false }),
      keepFolder: options.spool === false ? undefined : keptInputFolder(folder),
      resumed: resumed && (await reopenInput(resumed.journal.past, folder)),
      earlierRun: (path) => findRunOfFile(home, path),
      report: talk.report,
    },
  )
  if (resumed) await checkSameMapping(plan.load, mappingPath(options.mapping, io.folder), resumed.journal.past.started)
  return plan
}

async function beginRun(
  call: AttachCall,
  plan: AttachPlan,
  { org, runId }: AttachTools,
  home: string,
): Promise<RunJournal> {
  const { options, io } = call
  const [file] = call.arguments
  const isStdin = file === undefined || file === '-'
  try {
    const started = await describeRun({
      run: runId,
      command: 'attach',
      call: { arguments: call.arguments, options, folder: io.folder },
      org,
      object: plan.kind.object,
      source: isStdin ? 'stdin' : file,
      path: isStdin ? undefined : resolve(io.folder, file),
      plan: plan.load,
      mappingFile: mappingPath(options.mapping, io.folder),
      api: 'soap',
      limits: { maxBytes: callLimits.mostBytes, maxRows: callLimits.mostRows, smallBytes: 0 },
    })
    return await beginJournal(home, started)
  } catch (error) {
    await discardPlan(plan.load)
    throw error
  }
}

function checkOptions({ options }: AttachCall): void {
  if (options.externalId === undefined || options.operation === 'upsert') return
  throw new UsageError('--external-id needs --operation upsert', { hint: 'leave it out, or add --operation upsert' })
}

/** The line that sends the errors file the same way. */
function renderAgain({ options }: AttachCall, errors: string): string {
  const words = ['attach', errors]
  if (options.as !== undefined) words.push('--as', options.as)
  if (options.operation !== undefined) words.push('--operation', options.operation)
  if (options.externalId !== undefined) words.push('-i', options.externalId)
  if (options.allowOutside) words.push('--allow-outside')
  if (options.targetOrg !== undefined) words.push('-o', options.targetOrg)
  if (options.mapping !== undefined) words.push('--mapping', options.mapping)
  for (const map of options.map ?? []) words.push('--map', map)
  if (options.columnDelimiter !== undefined) words.push('--column-delimiter', options.columnDelimiter)
  if (options.nullValue !== undefined) words.push('--null-value', options.nullValue)
  if (options.emptyAsNull) words.push('--empty-as-null')
  return `sfbulk ${quoteWords(words)}`
}
