import type { KnownRun } from '../runs/list-runs.ts'
import type { FinishedEntry } from '../runs/run-entries.ts'
import { jobsOf, type RunHistory } from '../runs/run-history.ts'
import type { ShownRun } from '../ui/runs.ts'
import { showPath } from './conclude-write.ts'

/** What the record of a run comes to. */
export function summarizeRun({ history, state, pid }: KnownRun): ShownRun {
  const { run, started, startedAt, lastAt, api, paused, written, finished } = history
  const hasRows = paused !== undefined && Object.keys(paused.rows).length > 0
  return {
    run,
    state,
    operation: started.command,
    sobject: started.sobject === '' ? null : started.sobject,
    org: started.org.name,
    source: started.source,
    api,
    startedAt,
    lastAt,
    pid: pid ?? null,
    jobs: jobsOf(history),
    rows: finished?.rows ?? (hasRows ? paused.rows : written?.rows) ?? {},
    files: finished?.files ?? { success: null, errors: null },
    exitCode: finished?.exitCode ?? null,
    error: (finished ?? paused)?.error ?? null,
    resume: state === 'waiting' && started.input.kind !== 'once' ? `sfbulk resume ${run}` : null,
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

const noRows = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }
