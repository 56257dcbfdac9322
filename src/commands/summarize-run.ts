import type { KnownRun, RunState } from '../runs/list-runs.ts'
import { jobsOf } from '../runs/run-history.ts'

/** What `sfbulk runs` tells of a run: the keys of its `--json` object. */
export interface RunSummary {
  readonly run: string
  readonly state: RunState
  readonly operation: string
  /** Null for a query. */
  readonly sobject: string | null
  readonly org: string
  readonly source: string
  readonly api: string
  /** ISO 8601. */
  readonly startedAt: string
  /** When the last step was recorded. */
  readonly lastAt: string
  /** Of the process that is at work. */
  readonly pid: number | null
  readonly jobs: readonly string[]
  readonly rows: Readonly<Record<string, number>>
  readonly files: { readonly success: string | null; readonly errors: string | null }
  /** Null while the run is not finished. */
  readonly exitCode: number | null
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null
  /** The command that carries it on; null for one that has ended, is at work, or cannot be carried on. */
  readonly resume: string | null
}

export function summarizeRun({ history, state, pid }: KnownRun): RunSummary {
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
