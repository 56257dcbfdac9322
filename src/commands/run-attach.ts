import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachFiles } from '../attach/attach-files.ts'
import { callLimits } from '../attach/cut-calls.ts'
import { planAttach } from '../attach/plan.ts'
import { delimiters } from '../csv/dialect.ts'
import { UsageError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { Timeline } from '../report/timeline.ts'
import { findRunOfFile } from '../runs/list-runs.ts'
import { pieceKey } from '../runs/run-entries.ts'
import { createRunId } from '../runs/run-id.ts'
import { beginJournal } from '../runs/run-journal.ts'
import { loadView } from '../ui/load-progress.ts'
import type { attachOptions } from './attach.ts'
import { checkStreams } from './check-streams.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { concludeWrite, type FinishedWrite } from './conclude-write.ts'
import { confirmProtected } from './confirm-protected.ts'
import { fetchLookup } from './fetch-lookup.ts'
import { noteTimes } from './note-times.ts'
import type { OptionValues } from './option.ts'
import { quoteWords } from './quote-words.ts'
import { describeRun, mappingPath, underJournal } from './recorded-run.ts'
import { runDownload } from './run-download.ts'
import { openTalk, type Talk } from './talk.ts'
import { withOrg } from './with-org.ts'

export type AttachCall = CommandCall<OptionValues<typeof attachOptions>>

const defaultParallelCalls = 3

/** Sends the files of a manifest to an org and gives their account; or the other way round. */
export async function run(call: AttachCall): Promise<CommandResult> {
  const { options, io } = call
  const [file] = call.arguments
  if (options.download !== undefined || options.to !== undefined) return await runDownload(call)
  checkOptions(call)
  const write = { arguments: [undefined, file], options: { ...options, where: undefined }, io }
  checkStreams(write)
  const began = { time: new Date(), milliseconds: performance.now() }
  const runId = createRunId(began.time, Math.random)
  const spoolFolder = await mkdtemp(join(tmpdir(), `sfbulk-${runId}-`))
  const rowsOnTerminal = io.stdout.isTTY === true && [options.errors, options.success].includes('-')
  const timeline = new Timeline(() => performance.now())
  const talk = noteTimes(await openTalk(call, loadView, !rowsOnTerminal), timeline)
  let finished: FinishedWrite
  try {
    finished = await withOrg({ options, io, log: talk.log }, (org) => attach(call, { org, runId, spoolFolder, talk }))
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
}

async function attach(call: AttachCall, { org, runId, spoolFolder, talk }: AttachTools): Promise<FinishedWrite> {
  const { options, io, signal } = call
  const [file] = call.arguments
  await confirmProtected(org, 'attach', { yes: options.yes, io, signal, hide: talk.hide })
  const home = sfbulkHome(io.environment)
  const plan = await planAttach(
    {
      operation: options.operation ?? 'insert',
      storedAs: options.as ?? 'attachment',
      allowOutside: options.allowOutside ?? false,
      file,
      externalId: options.externalId,
      map: options.map,
      mappingFile: options.mapping,
      successFile: options.success,
      errorsFile: options.errors,
      delimiter: options.columnDelimiter && delimiters[options.columnDelimiter],
      encoding: options.encoding,
      nullValue: options.nullValue,
      emptyAsNull: options.emptyAsNull,
      failFast: options.failFast,
    },
    {
      org,
      runId,
      stdin: io.stdin,
      stdout: io.stdout,
      environment: io.environment,
      folder: io.folder,
      spoolFolder,
      fetchLookup: (soql) => fetchLookup(soql, { org, spoolFolder, keepFolder: undefined, signal, fresh: false }),
      earlierRun: (path) => findRunOfFile(home, path),
      report: talk.report,
    },
  )
  const parallelCalls = options.parallelCalls ?? defaultParallelCalls
  const isStdin = file === undefined || file === '-'
  const journal = await beginJournal(
    home,
    await describeRun({
      run: runId,
      command: 'attach',
      call: { arguments: call.arguments, options, folder: io.folder },
      org,
      object: plan.kind.object,
      source: isStdin ? 'stdin' : file,
      // What its calls answer is not recorded, so the run cannot be carried on.
      path: undefined,
      plan: plan.load,
      mappingFile: mappingPath(options.mapping, io.folder),
      api: 'soap',
      limits: { maxBytes: callLimits.mostBytes, maxRows: callLimits.mostRows, smallBytes: 0 },
    }),
  )
  await journal.append({ type: 'sending', key: pieceKey(1), from: plan.load.source.start, digest: null, rows: null })
  const account = await underJournal(journal, { home, run: runId }, () =>
    attachFiles(plan, { org, parallelCalls, report: talk.report, signal }),
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
