import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ExpectedError, UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { LoadPlan } from '../load/plan.ts'
import type { ResultTarget } from '../load/result-file.ts'
import type { LoadAccount } from '../load/run-load.ts'
import type { PartLimits } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { journalVersion, type RecordedInput, type RecordedOrg, type StartedEntry } from '../runs/run-entries.ts'
import { dropRun, type RunJournal } from '../runs/run-journal.ts'
import { describeError } from './describe-error.ts'

/** What the first line of a run's journal is made of. */
export interface RunToRecord {
  readonly run: string
  readonly command: string
  readonly call: {
    readonly arguments: readonly (string | undefined)[]
    readonly options: Readonly<Record<string, unknown>>
    readonly folder: string
  }
  readonly org: Org
  /** As the org spells it. */
  readonly object: string
  readonly source: string
  /** Absolute path of the input; undefined for standard input. */
  readonly path: string | undefined
  readonly plan: LoadPlan
  readonly mappingFile: string | undefined
  readonly api: string
  readonly limits: PartLimits
}

/** The first line of a run's journal: enough to make its plan again, and to see that it is the same. */
export async function describeRun(run: RunToRecord): Promise<StartedEntry> {
  const { plan, call, limits } = run
  return {
    type: 'started',
    version: journalVersion,
    run: run.run,
    command: run.command,
    sobject: run.object,
    call: {
      arguments: call.arguments.map((argument) => argument ?? null),
      options: recordOptions(call.options),
      folder: call.folder,
    },
    org: recordOrg(run.org),
    source: run.source,
    input: await describeInput(plan, run.path),
    targets: { success: targetPath(plan.targets.success), errors: targetPath(plan.targets.errors) },
    api: run.api,
    limits: { maxBytes: limits.maxBytes, maxRows: limits.maxRows },
    mapping: await describeMapping(plan, run.mappingFile),
  }
}

/** The options of a call that are of the run, and not of the process that works on it. */
export function recordOptions(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ofThisProcess.has(name)))
}

/** Options that are of one process, and not of the run. */
const ofThisProcess: ReadonlySet<string> = new Set([
  'json',
  'quiet',
  'verbose',
  'wait',
  'async',
  'dryRun',
  'maxApiCalls',
  'reserve',
  'cache',
])

export function recordOrg({ name, instanceUrl, username }: Org): RecordedOrg {
  return { name, instanceUrl, username: username ?? null }
}

/**
 * Does what a run sends under its journal. When it fails the journal says why and is closed, and the error says how to go
 * on; a run that had sent nothing leaves no record.
 */
export async function underJournal<Result>(
  journal: RunJournal,
  { home, run }: { readonly home: string; readonly run: string },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (journal.past === undefined && !journal.hasSent) {
      await journal.close()
      await dropRun(home, run)
      throw error
    }
    const exitCode = error instanceof ExpectedError ? error.exitCode : exitCodes.failed.code
    await journal
      .append({ type: 'paused', exitCode, rows: {}, error: describeError(error) })
      // The record may be what failed.
      .catch(() => {})
    await journal.close()
    throw journal.canResume && error instanceof ExpectedError ? withResume(error, run) : error
  }
}

/** Writes down how a run ended or paused, and lets go of it. */
export async function closeRecord(
  journal: RunJournal,
  account: LoadAccount,
  {
    apiCalls,
    bytesSent,
    exitCode,
  }: { readonly apiCalls: number; readonly bytesSent: number; readonly exitCode: number },
): Promise<void> {
  const { jobs, files } = account
  const rows = { ...account.rows }
  const error = account.error === undefined ? null : describeError(account.error)
  try {
    if (account.paused) await journal.append({ type: 'paused', exitCode, rows, error })
    else {
      await journal.append({ type: 'finished', exitCode, jobs, rows, files, apiCalls, bytesSent, error })
      await journal.dropKeptData()
    }
  } finally {
    await journal.close()
  }
}

/** An error with the command that carries the run on. */
export function withResume(error: ExpectedError, run: string): ExpectedError {
  const { code, message, hint, exit } = error
  const resume = `sfbulk resume ${run}`
  const hints = hint === undefined ? [resume] : [resume, hint]
  return new ExpectedError(exit, message, { code, hint: hints.join('\n'), cause: error })
}

/** Throws `UsageError` when the connection is not to the org of the run. */
export function checkSameOrg(org: Org, recorded: RecordedOrg, run: string): void {
  const host = (url: string) => new URL(url).hostname
  const sameHost =
    host(org.instanceUrl) === host(recorded.instanceUrl) && (org.name === 'local') === (recorded.name === 'local')
  const sameUser = recorded.username === null || org.username === undefined || org.username === recorded.username
  if (sameHost && sameUser) return
  const name = ({ name, instanceUrl }: { readonly name: string; readonly instanceUrl: string }) =>
    `${name} (${host(instanceUrl)})`
  throw new UsageError(`run ${run} is of ${name(recorded)}, and the connection is to ${name(org)}`, {
    code: 'OTHER_ORG',
    hint: 'name the org of the run with --target-org, or by the environment',
  })
}

/** Throws `UsageError` when the mapping would not send the same as when the run began. */
export async function checkSameMapping(
  plan: LoadPlan,
  file: string | undefined,
  { mapping, run }: StartedEntry,
): Promise<void> {
  if ((await describeMapping(plan, file)) === mapping) return
  throw new UsageError(`the mapping is not the one with which run ${run} began`, {
    code: 'MAPPING_CHANGED',
    hint: 'put the mapping file back as it was; when fields of the object have changed, the run cannot be carried on',
  })
}

/** Throws `UsageError` when the input is not the file any more with which the run began. */
export async function checkSameInput(input: RecordedInput, { source, run }: StartedEntry): Promise<void> {
  if (input.kind !== 'file') return
  const now = await stat(input.path).catch(() => undefined)
  if (now?.size === input.size && now.mtimeMs === input.changedAt) return
  const then = `${input.size} bytes of ${new Date(input.changedAt).toISOString()}`
  const what =
    now === undefined ? 'is not there any more' : `has changed (${now.size} bytes of ${now.mtime.toISOString()})`
  throw new UsageError(`${source} ${what} since run ${run} began`, {
    code: 'INPUT_CHANGED',
    hint: `put it back as it was (${then}, ${input.path}), or see what was sent: sfbulk runs show ${run}`,
  })
}

async function describeInput({ source }: LoadPlan, path: string | undefined): Promise<RecordedInput> {
  const { kept, dialect, header, start } = source
  if (kept) return { kind: 'kept', dialect, header, start }
  const stats = path === undefined ? undefined : await stat(path).catch(() => undefined)
  if (path === undefined || !stats?.isFile()) return { kind: 'once' }
  return { kind: 'file', path, size: stats.size, changedAt: stats.mtimeMs }
}

function targetPath(target: ResultTarget): string | null {
  if (target.kind === 'none') return null
  return target.kind === 'stdout' ? '-' : target.path
}

/** The fields that are sent, and a hash of what else their values come from: the mapping file, constants, other files. */
async function describeMapping({ encoder, mapping }: LoadPlan, file: string | undefined): Promise<string> {
  const fields = encoder.header.toString('utf8').trimEnd()
  const text = file === undefined ? undefined : await readFile(file).catch(() => undefined)
  if (text === undefined) return fields
  const hash = createHash('sha256').update(text)
  // Parameters from the environment make constants, and a lookup that has changed makes other rows.
  for (const { from } of mapping.columns)
    if (typeof from === 'object' && 'constant' in from) hash.update(`\n${from.constant}`)
  for (const path of mapping.files) {
    const found = await stat(path).catch(() => undefined)
    hash.update(`\n${path} ${found?.size} ${found?.mtimeMs}`)
  }
  return `${fields}\n${hash.digest('hex')}`
}

/** The path of a mapping file as the run sees it. */
export function mappingPath(file: string | undefined, folder: string): string | undefined {
  return file === undefined ? undefined : resolve(folder, file)
}
