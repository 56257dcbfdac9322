import { UsageError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { isKept } from '../load/result-file.ts'
import type { operations } from '../operations.ts'
import { sfbulkHome } from '../org/settings.ts'
import { findRunId } from '../runs/list-runs.ts'
import type { FinishedEntry } from '../runs/run-entries.ts'
import type { RunHistory } from '../runs/run-history.ts'
import { reopenJournal } from '../runs/run-journal.ts'
import type { CommandCall, CommandResult, Io } from './command.ts'
import type { OptionValues } from './option.ts'
import { quoteWords } from './quote-words.ts'
import type { resumeOptions } from './resume.ts'
import type { AttachCall } from './run-attach.ts'
import { type QueryCall, run as runQuery } from './run-query.ts'
import { type ResumedRun, runWrite, type WriteCall } from './run-write.ts'
import { recallAccount } from './summarize-run.ts'

type ResumeCall = CommandCall<OptionValues<typeof resumeOptions>>

/** Carries on a run of an earlier process. */
export async function run(call: ResumeCall): Promise<CommandResult> {
  const { io } = call
  const home = sfbulkHome(io.environment)
  const id = await findRunId(home, call.arguments[0])
  const journal = await reopenJournal(home, id, areFilesKept)
  const { past } = journal
  try {
    const { finished, started } = past
    // What a sync has left is noted in its file, and the next sync does it.
    const goesOnItself = started.command.startsWith('sync ') && isLeft(finished)
    if (finished !== undefined && !goesOnItself) return tellFinished(past, finished, call)
    if (started.input.kind === 'once' && !goesOnItself) throw inputGone(past)
    return await goOn({ journal, io }, call)
  } finally {
    await journal.close()
  }
}

function isLeft(finished: FinishedEntry | undefined): boolean {
  const { failed, unfinished } = exitCodes
  return finished === undefined || [failed.code, unfinished.code].some((code) => code === finished.exitCode)
}

async function goOn(resumed: ResumedRun, call: ResumeCall): Promise<CommandResult> {
  const { command } = resumed.journal.past.started
  if (call.options.json) checkStdout(resumed.journal.past)
  for (const name of operationNames) {
    if (name !== command) continue
    const write = recall<WriteCall>(resumed, call)
    const { undoes } = write.options
    if (undoes === undefined) return await runWrite(name, write, resumed)
    const { resumeUndo } = await import('./run-undo.ts')
    return await resumeUndo({ ...write, options: { ...write.options, undoes } }, resumed)
  }
  if (command === 'query') return await runQuery(recall<QueryCall>(resumed, call), resumed)
  if (command === 'attach') {
    const { run: runAttach } = await import('./run-attach.ts')
    return await runAttach(recall<AttachCall>(resumed, call), resumed)
  }
  const { run, started } = resumed.journal.past
  throw new UsageError(`run ${run} is of ${command}, which carries itself on`, {
    code: 'NOT_RESUMABLE',
    hint: `sfbulk ${quoteWords([...command.split(' '), ...started.call.arguments.map((word) => word ?? '')])}`,
  })
}

/** Refuses to mix rows into the one object of `--json`. */
function checkStdout({ run, started }: RunHistory): void {
  const { success, errors } = started.call.options
  const names = [errors === '-' ? '--errors' : '', success === '-' ? '--success' : ''].filter(Boolean)
  if (names.length === 0) return
  throw new UsageError(`run ${run} writes ${names.join(' and ')} to stdout, where --json would stand`, {
    code: 'SAME_OUTPUT',
    hint: 'leave out --json',
  })
}

const operationNames = [
  'insert',
  'update',
  'upsert',
  'delete',
  'undelete',
  'hard-delete',
] as const satisfies readonly (keyof typeof operations)[]

/** The call as it was typed then, with the options of this process. */
function recall<Call extends WriteCall | QueryCall | AttachCall>(
  { journal }: ResumedRun,
  { options, io, signal }: ResumeCall,
): Call {
  const { call } = journal.past.started
  // What the journal holds was typed and understood when the run began.
  const typed = call.options as Call['options']
  const { targetOrg = typed.targetOrg, apiVersion = typed.apiVersion, ...ofThisProcess } = options
  return {
    arguments: call.arguments.map((argument) => argument ?? undefined),
    options: { ...typed, ...ofThisProcess, targetOrg, apiVersion },
    io: inFolder(io, call.folder),
    signal,
  } as unknown as Call
}

/** A getter stays one: touching standard input opens it. */
function inFolder(io: Io, folder: string): Io {
  return {
    get stdin() {
      return io.stdin
    },
    stdout: io.stdout,
    stderr: io.stderr,
    environment: io.environment,
    folder,
  }
}

/** Gives the account of a run that has ended, as the process that ended it did, and the same exit code. */
function tellFinished(history: RunHistory, finished: FinishedEntry, { options, io }: ResumeCall): CommandResult {
  // Rows that a run did not come to stand in its errors file, and another resume would not send them either.
  const isLeftOver = finished.exitCode === exitCodes.unfinished.code
  const exitCode = isLeftOver ? exitCodes.rejected.code : (finished.exitCode as ExitCode)
  if (options.json) {
    io.stdout.write(`${JSON.stringify(recallAccount(history, { ...finished, exitCode }, io.folder))}\n`)
  }
  if (!options.quiet) {
    io.stderr.write(`run ${history.run} has ended, with exit code ${finished.exitCode}: nothing is left to do\n`)
    io.stderr.write(`  → sfbulk runs show ${history.run}\n`)
  }
  return exitCode
}

function inputGone({ run, started }: RunHistory): UsageError {
  const hint = 'see what it has sent, and send the rows that are missing with a new run:\n'
  return new UsageError(`run ${run} cannot be carried on: its input came once, and no copy of it was kept`, {
    code: 'INPUT_GONE',
    hint: `${hint}sfbulk runs show ${run}\n${started.source}: without --no-spool a copy is kept with the run`,
  })
}

/** Whether the result files are there as far as the journal says. Without them they are written anew from the first row. */
async function areFilesKept({ run, started, written, completing }: RunHistory): Promise<boolean> {
  const bytes = completing ?? written
  if (bytes === undefined) return true
  const { success, errors } = started.targets
  const kept = async (path: string | null, size: number) =>
    path === null || path === '-' || size === 0 || (await isKept(path, run, size))
  return (await kept(success, bytes.success)) && (await kept(errors, bytes.errors))
}
