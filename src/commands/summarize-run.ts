import type { KnownRun } from '../runs/list-runs.ts'
import { jobsOf } from '../runs/run-history.ts'
import type { ShownRun } from '../ui/runs.ts'

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
