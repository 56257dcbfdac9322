import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { unreadableInput } from '../csv/input-file.ts'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { ReportExtract } from '../extract/events.ts'
import { type ExtractSummary, extract } from '../extract/extract.ts'
import { beginIncremental, type IncrementalOptions } from '../extract/incremental.ts'
import { findLeftover } from '../extract/output-files.ts'
import type { Format } from '../formats/record-writer.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { journalVersion, type StartedEntry } from '../runs/run-entries.ts'
import { jobsOf, type RunHistory } from '../runs/run-history.ts'
import { createRunId } from '../runs/run-id.ts'
import { queryView } from '../ui/query-progress.ts'
import { renderQuerySummary } from '../ui/query-summary.ts'
import { checkOutput } from './check-output.ts'
import { chooseFormat, noteName } from './choose-format.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { showPath } from './conclude-write.ts'
import type { OptionValues } from './option.ts'
import type { queryOptions } from './query.ts'
import { openQueryPage } from './query-page.ts'
import { QueryRecord } from './query-record.ts'
import { checkSameOrg, recordOptions, recordOrg } from './recorded-run.ts'
import type { ResumedRun } from './run-write.ts'
import { openTalk } from './talk.ts'
import { withOrg } from './with-org.ts'

export type QueryCall = CommandCall<OptionValues<typeof queryOptions>>

/** Writes the rows of a query. */
export async function run(given: QueryCall, resumed?: ResumedRun): Promise<CommandResult> {
  const call = toStdout(given)
  const { options, io, signal } = call
  const { all = false, output, json = false } = options
  if (json && output === undefined) {
    throw new UsageError('--json needs --output: without it the rows go to stdout', { hint: 'add --output rows.csv' })
  }
  const format = chooseFormat(call)
  if (options.csvSafe === true && format !== 'csv') {
    throw new UsageError(`--csv-safe goes with --format csv, not with ${format}`, { hint: 'leave it out' })
  }
  if ((options.incremental === true) !== (options.state !== undefined)) {
    throw new UsageError('--incremental and --state go together', { hint: '--incremental --state rows.state' })
  }
  await checkOutput(call)
  const soql = await readSoql(call)
  const names = parseNames(options.map ?? [])
  const reversed = await readReversed(call, format, names)
  const page = await openQueryPage(call)
  const talk = await openTalk(call, queryView, output !== undefined || io.stdout.isTTY !== true)
  const began = performance.now()
  let summary: ExtractSummary & { readonly org: string; readonly run: string | undefined }
  try {
    const choice = { options, io: resumed?.io ?? io, log: talk.log, readBytes: pageReadBytes, asksQueries: true }
    summary = await withOrg(choice, async (org) => {
      const past = resumed?.journal.past
      if (past) checkSameOrg(org, past.started.org, past.run)
      const changes = options.state === undefined ? undefined : await beginIncremental(stateOf(call, soql, org, past))
      const started = past?.started ?? describeQuery(call, soql, org, changes?.standing ?? '')
      const record = new QueryRecord(sfbulkHome(io.environment), started, resumed?.journal)
      if (past && changes && started.mapping !== changes.standing) {
        return { ...(await concludeMoved(call, past, record)), org: org.name, run: record.run }
      }
      const asked = changes ?? { soql, all, filter: undefined }
      const note = (text: string) => talk.report({ type: 'note', text })
      const columns = reversed && { wanted: reversed.columns, note }
      const named = noteName(options)
      if (named !== undefined) note(named)
      if (reversed && reversed.left.length > 0) note(`not written: ${reversed.left.join(', ')}`)
      const shape = { ...asked, names, columns, format, rowsPerFile: options.splitRows, csvSafe: options.csvSafe }
      const path = output === undefined ? io.stdout : resolve(io.folder, output)
      const plan = { ...shape, output: path, api: options.api, job: record.job }
      const deadline = options.wait === undefined ? undefined : Date.now() + options.wait * 60_000
      const onStarted = (job: string) => record.begin(job)
      const tools = { org, signal, report: page?.watch(talk.report) ?? talk.report, deadline, onStarted }
      const extracted = await extract(plan, tools).catch(async (error: unknown) => {
        throw await record.pause(error, org.usage.apiCalls)
      })
      const leftover =
        options.splitRows && output && (await findLeftover(resolve(io.folder, output), extracted.files.length))
      if (leftover) note(`${leftover} is of an earlier query, and so are those after it: delete them`)
      if (changes !== undefined && extracted.complete) {
        await record.complete(extracted)
        tellForgotten(await changes.finish(), talk.report)
      }
      await record.finish(extracted)
      return { ...extracted, org: org.name, run: record.run }
    })
  } finally {
    talk.stop()
  }
  const elapsedMs = Math.round(performance.now() - began)
  const { run: id, org, api, apiReason, jobs, rows, bytes, pages, apiCalls } = summary
  const files = summary.files.flatMap((file) => showPath(file, output, (resumed?.io ?? io).folder) ?? [])
  talk.log?.(`${api === 'bulk' ? 'answered by a job' : 'answered without a job'}: ${apiReason}`)
  // The reader of a pipe that has gone has what it wanted.
  talk.conclude(summary.complete ? [renderQuerySummary({ ...summary, files, elapsedMs })] : [])
  if (json) {
    const exitCode = exitCodes.done.code
    const written = options.splitRows === undefined ? (files[0] ?? null) : files
    const counts = { rows, bytes, pages, files: { output: written }, apiCalls, elapsedMs, exitCode }
    const result = { ...(id === undefined ? {} : { run: id }), org, api, apiReason, jobs, ...counts }
    io.stdout.write(`${JSON.stringify(result)}\n`)
  }
  return (await page?.write({ ...summary, files, written: summary.files, soql, elapsedMs })) ?? exitCodes.done.code
}

/** `--output -` is stdout, as it is without `--output`. */
function toStdout(call: QueryCall): QueryCall {
  return call.options.output === '-' ? { ...call, options: { ...call.options, output: undefined } } : call
}

/** What the record of a query begins with. `standing`: where an incremental one begins. */
function describeQuery({ options, io }: QueryCall, soql: string, org: Org, standing: string): StartedEntry {
  const { file: _, ...typed } = options
  return {
    type: 'started',
    version: journalVersion,
    run: createRunId(new Date(), Math.random),
    command: 'query',
    sobject: '',
    call: { arguments: [soql], options: recordOptions(typed), folder: io.folder },
    org: recordOrg(org),
    source: options.file ?? 'soql',
    input: { kind: 'none' },
    targets: { success: options.output === undefined ? '-' : resolve(io.folder, options.output), errors: null },
    api: 'bulk',
    limits: null,
    mapping: standing,
  }
}

/** The columns that `--mapping` chooses, those of `--map` over them; undefined without it. */
async function readReversed({ options, io }: QueryCall, format: Format, names: ReadonlyMap<string, string>) {
  const { mapping: file } = options
  if (file === undefined) return undefined
  if (format !== 'csv') {
    throw new UsageError(`--mapping goes with --format csv, not with ${format}`, {
      hint: 'leave it out, or write CSV; --map names columns in any format',
    })
  }
  const { readMappingFile } = await import('../mapping/mapping-file.ts')
  const { reverseMapping } = await import('../mapping/reverse.ts')
  const mapping = await readMappingFile(resolve(io.folder, file), file, io, 'extract')
  const { columns, left } = reverseMapping(mapping)
  const typed = new Map([...names].map(([field, name]) => [field.toLowerCase(), { field, name, format: undefined }]))
  const renamed = columns.map((column) => ({
    ...column,
    name: typed.get(column.field.toLowerCase())?.name ?? column.name,
  }))
  for (const { field } of columns) typed.delete(field.toLowerCase())
  return { columns: [...renamed, ...typed.values()], left }
}

function stateOf({ options, io }: QueryCall, soql: string, org: Org, past: RunHistory | undefined): IncrementalOptions {
  const { state = '', overlap = defaultOverlapMinutes } = options
  const begunAt = past === undefined ? Date.now() : Date.parse(past.startedAt)
  return { soql, org, begunAt, state: resolve(io.folder, state), overlap: overlap * 60_000 }
}

/** Pages are read in large blocks: a query of 2,000,000 rows computes for a tenth less with them. */
const pageReadBytes = 1024 * 1024

/** A batch of the Bulk API may take ten minutes, and its rows bear the time of their own writing, not of its end. */
const defaultOverlapMinutes = 15

/**
 * The end of a run whose mark has moved since it began: by the process that died right after, or by another run of the same
 * query, which has delivered its rows, too. There is nothing left to carry on.
 */
async function concludeMoved({ options }: QueryCall, past: RunHistory, record: QueryRecord): Promise<ExtractSummary> {
  const { run, started, completing } = past
  const files = started.targets.success === null || started.targets.success === '-' ? [] : [started.targets.success]
  const counts = completing?.output ?? { rows: 0, bytes: 0, pages: 0 }
  const apiReason = 'its job was started before'
  const summary = { ...counts, files, jobs: jobsOf(past), api: 'bulk', apiReason, apiCalls: 0, complete: true } as const
  if (completing !== undefined) {
    await record.finish(summary)
    return summary
  }
  const error = new UsageError(
    `run ${run} is left as it is: another run has moved the mark in ${options.state} since`,
    {
      code: 'STATE_MOVED_ON',
      hint: 'its rows are among those of the later run',
    },
  )
  await record.finish({ ...summary, files: [] }, error)
  throw error
}

function tellForgotten(rows: number | undefined, report: ReportExtract): void {
  if (rows === undefined || rows === 0) return
  report({ type: 'note', text: `the next run delivers ${rows} of these rows again: too many changed at the same time` })
}

/** The query on the line or in the file of `--file`, without the semicolon that SQL tools want at the end. */
async function readSoql({ arguments: [typed], options: { file }, io }: QueryCall): Promise<string> {
  if (typed !== undefined && file !== undefined) {
    throw new UsageError(`there are two queries: one on the line and one in ${file}`, { hint: 'leave one of them out' })
  }
  if (typed === undefined && file === undefined) {
    throw new UsageError('there is no query', {
      hint: 'sfbulk query "SELECT Id, Name FROM Account", or sfbulk query --file query.soql',
    })
  }
  const text = typed ?? (file === '-' ? await readAll(io.stdin) : await readQueryFile(file ?? '', io.folder))
  const soql = text.trim().replace(/;$/, '').trim()
  if (soql === '') throw new UsageError(`${file ?? 'the query'} is empty`, { hint: 'write a SELECT' })
  return soql
}

async function readQueryFile(file: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, file), 'utf8')
  } catch (error) {
    throw unreadableInput(file, error)
  }
}

async function readAll(stdin: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stdin) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

/** `--map field=header`: a header may hold a `=`, a field cannot. */
function parseNames(options: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    options.map((option) => {
      const divider = option.indexOf('=')
      if (divider < 1 || divider === option.length - 1) {
        throw new UsageError(`--map takes field=header, not ${JSON.stringify(option)}`, { code: 'OPTION_VALUE' })
      }
      return [option.slice(0, divider).trim(), option.slice(divider + 1)]
    }),
  )
}
