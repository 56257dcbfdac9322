import { formatCount } from '../format-count.ts'
import type { Operation } from '../operations.ts'
import { formatBytes, formatDuration, formatRows } from './figures.ts'

/** A run that waits to be carried on. */
export interface PausedRun {
  readonly run: string
  readonly operation: Operation
  readonly object: string
  readonly source: string
  readonly org: string
  readonly rows: { readonly read: number; readonly sent: number; readonly unknown: number }
  readonly jobs: number
  readonly apiCalls: number
  readonly bytesSent: number
  readonly elapsedMs: number
}

/** Says what is under way and that nothing is written yet. How to go on is told last, with the reason where there is one. */
export function renderPause(run: PausedRun): readonly string[] {
  const { rows, jobs, source, object, org, apiCalls, bytesSent, elapsedMs } = run
  const place = `${object} on ${org}`
  const under = rows.unknown === 0 ? 'none is' : `${formatCount(rows.unknown)} ${rows.unknown === 1 ? 'is' : 'are'}`
  const inJobs = jobs > 0 ? ` in ${formatCount(jobs)} ${jobs === 1 ? 'job' : 'jobs'}` : ''
  const sentText = `${formatRows(rows.sent)} of ${source} sent to ${place}${inJobs}`
  return [
    '',
    rows.sent === 0
      ? `Nothing of ${source} has been sent to ${place} yet.`
      : `${sentText}; ${under} still to be accounted for.`,
    'The result files are written when the run is carried on to its end:',
    `  sfbulk resume ${run.run}`,
    '',
    `${formatCount(apiCalls)} API ${apiCalls === 1 ? 'call' : 'calls'} · ${formatBytes(bytesSent)} sent · ${formatDuration(elapsedMs)}`,
  ]
}
