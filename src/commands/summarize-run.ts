import type { Org } from '../org/org.ts'
import { type KnownRun, readRun } from '../runs/list-runs.ts'
import type { FinishedEntry } from '../runs/run-entries.ts'
import { jobsOf, type RunHistory } from '../runs/run-history.ts'
import type { ShownRun } from '../ui/runs.ts'
import { showPath } from './conclude-write.ts'
import { type FailedWrite, noRows } from './failed-write.ts'

/** What the record of a run comes to. */
export function summarizeRun({ history, state, pid }: KnownRun): ShownRun {
  const { run, started, startedAt, lastAt, api, paused, finished, counted } = history
  // A sync goes on by itself, and of other input that came once nothing is left to go on with.
  const waits = state === 'waiting' && started.input.kind !== 'once'
  return {
    run,
    state: state === 'waiting' && !waits ? 'stopped' : state,
    operation: started.command,
    sobject: started.sobject === '' ? null : started.sobject,
    org: started.org.name,
    source: started.source,
    api,
    startedAt,
    lastAt,
    pid: pid ?? null,
    jobs: jobsOf(history),
    rows: counted,
    files: finished?.files ?? { success: null, errors: null },
    exitCode: finished?.exitCode ?? null,
    error: (finished ?? paused)?.error ?? null,
    resume: waits ? `sfbulk resume ${run}` : null,
  }
}

/** The account that the process gave under `--json` which ended a run. */
export function recallAccount(
  history: RunHistory,
  finished: FinishedEntry,
  folder: string,
): Readonly<Record<string, unknown>> {
  const { run, started, startedAt, lastAt, api } = history
  const { jobs, rows, files, apiCalls, bytesSent, exitCode, error, output } = finished
  const elapsedMs = Date.parse(lastAt) - Date.parse(startedAt)
  const org = started.org.name
  const fault = error === null ? {} : { error }
  const { options } = started.call
  if (started.command === 'query') {
    const counts = { rows: rows.read ?? 0, bytes: output?.bytes ?? 0, pages: output?.pages ?? 0 }
    return {
      run,
      org,
      api,
      jobs,
      ...counts,
      files: { output: showPath(files.success, options.output?.toString(), folder) },
      apiCalls,
      elapsedMs,
      exitCode,
      ...fault,
    }
  }
  // Of an attach the operation is an option.
  const { operation = started.command === 'attach' ? 'insert' : started.command } = options
  const input = started.call.arguments.at(started.command === 'attach' ? 0 : 1) ?? undefined
  const shown = {
    success: showPath(files.success, options.success?.toString() ?? input, folder),
    errors: showPath(files.errors, options.errors?.toString() ?? input, folder),
  }
  const counts = { rows: { ...noRows, ...rows }, files: shown, apiCalls, bytesSent, elapsedMs, exitCode }
  return { run, operation, sobject: started.sobject, api, org, jobs, ...counts, ...fault }
}

/** What is known of a write that ended in an error before it had an account. */
export async function recallFailed(write: {
  readonly operation: string
  readonly sobject: string
  readonly run: string
  readonly home: string
  readonly org: Pick<Org, 'name' | 'usage'> | undefined
  /** As `performance.now()` tells it. */
  readonly began: number
}): Promise<FailedWrite> {
  const { operation, sobject, run, home, org, began } = write
  // A run that had sent nothing leaves no record.
  const known = await readRun(home, run).catch(() => undefined)
  const record = known === undefined ? undefined : summarizeRun(known)
  return {
    run: record?.run ?? null,
    operation,
    sobject: record?.sobject ?? sobject,
    api: record?.api ?? null,
    org: org?.name ?? null,
    jobs: record?.jobs ?? [],
    rows: { ...noRows, ...record?.rows },
    files: { success: null, errors: null },
    apiCalls: org?.usage.apiCalls ?? 0,
    bytesSent: org?.usage.bytesSent ?? 0,
    elapsedMs: Math.round(performance.now() - began),
  }
}
