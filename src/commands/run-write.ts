import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckGate } from '../check/check-gate.ts'
import { delimiters } from '../csv/dialect.ts'
import { UsageError } from '../errors.ts'
import type { ExitCode } from '../exit-codes.ts'
import { planLoad } from '../load/plan.ts'
import { type LoadAccount, runLoad } from '../load/run-load.ts'
import type { OperationName } from '../operations.ts'
import type { Org } from '../org/org.ts'
import { sfbulkHome } from '../org/settings.ts'
import { createRunId } from '../runs/run-id.ts'
import { findRunOfFile } from '../runs/run-records.ts'
import { loadView } from '../ui/load-progress.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { concludeWrite, type FinishedWrite, renderAgain } from './conclude-write.ts'
import { dropLookups, fetchLookup } from './fetch-lookup.ts'
import { foreseeWrite } from './foresee-write.ts'
import { checkApi, openTransport } from './open-transport.ts'
import type { OptionValues } from './option.ts'
import { checkSelection, selectRows } from './select-rows.ts'
import { openTalk, type Talk } from './talk.ts'
import { withOrg } from './with-org.ts'
import type { updateOptions, upsertOptions, writeOptions } from './write-command.ts'

/** What was typed after one of the writing commands; options that not all of them have may be missing. */
export type WriteCall = CommandCall<
  OptionValues<typeof writeOptions> &
    Partial<OptionValues<typeof upsertOptions>> &
    Partial<OptionValues<typeof updateOptions>>
>

/** Writes the rows of a CSV to an org and gives their account. */
export async function runWrite(operation: OperationName, call: WriteCall): Promise<CommandResult> {
  const { options, io } = call
  checkSelection(operation, call)
  checkStreams(call)
  checkApi(operation, options)
  const began = { time: new Date(), milliseconds: performance.now() }
  const run = createRunId(began.time, Math.random)
  const spoolFolder = await mkdtemp(join(tmpdir(), `sfbulk-${run}-`))
  const rowsOnTerminal = io.stdout.isTTY === true && [options.errors, options.success].includes('-')
  const talk = await openTalk(call, loadView, !rowsOnTerminal)
  let finished: FinishedWrite | ExitCode
  try {
    finished = await withOrg({ options, io, log: talk.log }, (org) =>
      load(operation, call, { org, run, spoolFolder, talk }),
    )
  } finally {
    talk.stop()
    await rm(spoolFolder, { recursive: true, force: true })
  }
  if (typeof finished === 'number') return finished
  const again = (errors: string) => renderAgain(operation, call, errors)
  return await concludeWrite(operation, call, { ...finished, run, began, again }, talk)
}

interface WriteTools {
  readonly org: Org
  readonly run: string
  readonly spoolFolder: string
  readonly talk: Talk<Parameters<typeof loadView.apply>[1]>
}

/** The load, or with `--dry-run` what it would come to. */
async function load(operation: OperationName, call: WriteCall, tools: WriteTools): Promise<FinishedWrite | ExitCode> {
  const { options, io, signal } = call
  const [object = '', file] = call.arguments
  const { org, run, spoolFolder, talk } = tools
  const home = sfbulkHome(io.environment)
  const selected =
    options.where === undefined
      ? undefined
      : await selectRows(operation, object, call, { org, folder: spoolFolder, talk })
  const plan = await planLoad(
    {
      operation,
      object,
      file: selected ?? file,
      ...(selected === undefined ? {} : { name: `${object}.${operation}` }),
      set: options.set,
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
      fetchLookup: (soql) => fetchLookup(soql, { org, spoolFolder, signal, fresh: options.cache === false }),
      earlierRun: (path) => findRunOfFile(home, path),
      report: talk.report,
      // With --all-or-none a bad row undoes its call, so the service must see it.
      openGate: options.check === false || options.allOrNone ? undefined : (rows) => openCheckGate(rows, org),
    },
  )
  const toolsOfTransport = { org, folder: spoolFolder, report: talk.report }
  const opened = openTransport(operation, plan, options, toolsOfTransport)
  if (options.dryRun === true) {
    talk.hide()
    const { json = false, quiet = false } = options
    return await foreseeWrite(plan, opened, { org, io, json, quiet })
  }
  const { transport, choice } = opened
  talk.log?.(`rows go by ${choice.api}: ${choice.reason}`)
  await dropLookups(org)
  const account = await runLoad(plan, { transport, report: talk.report, signal })
  if (tellsUnknownField(account)) await org.forgetDescription(plan.object.name)
  const { apiCalls, bytesSent } = org.usage
  const { api } = transport
  const apiReason = api === choice.api ? choice.reason : `the org refuses ${choice.api}`
  return { account, org: org.name, object: plan.object.name, api, apiReason, apiCalls, bytesSent }
}

/** Whether the service says that a field is not there: then what is kept of the object is out of date. */
function tellsUnknownField({ reasons, error }: LoadAccount): boolean {
  return [...reasons.map(({ text }) => text), error?.message ?? ''].some((text) => unknownField.test(text))
}

const unknownField = /INVALID_FIELD|InvalidBatch|No such column|Field name not found/

/** Where rows come from and results go. */
interface StreamsOfCall extends Pick<WriteCall, 'arguments' | 'io'> {
  readonly options: Pick<WriteCall['options'], 'where' | 'errors' | 'success' | 'json'>
}

/** Refuses to wait for rows that somebody would have to type, and to mix two outputs into one. */
export function checkStreams({ arguments: [, file], options, io }: StreamsOfCall): void {
  const readsStdin = options.where === undefined && (file === undefined || file === '-')
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
