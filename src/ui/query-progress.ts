import type { ExtractEvent } from '../extract/events.ts'
import { formatCount } from '../format-count.ts'
import { formatBytes, formatDuration, formatRows } from './figures.ts'
import type { ProgressView } from './reporter.ts'

/** What the events of a query have told so far. */
export interface QueryProgress {
  readonly job: string | undefined
  readonly state: string | undefined
  /** Rows that the job has found so far. */
  readonly found: number
  readonly rows: number
  readonly bytes: number
  readonly total: number | undefined
}

/** Progress of a query. */
export const queryView: ProgressView<ExtractEvent, QueryProgress> = {
  start: { job: undefined, state: undefined, found: 0, rows: 0, bytes: 0, total: undefined },
  apply: applyEvent,
  renderProgress,
  renderEvent,
}

function applyEvent(progress: QueryProgress, event: ExtractEvent): QueryProgress {
  switch (event.type) {
    case 'note':
      return progress
    case 'job-started':
      return { ...progress, job: event.job, state: 'sent' }
    case 'job-state':
      return { ...progress, state: event.state, found: event.processed }
    case 'written':
      return { ...progress, rows: event.rows, bytes: event.bytes, total: event.total }
  }
}

function renderProgress(progress: QueryProgress, columns: number, elapsedMs: number): string {
  const { job, state, found, rows, bytes, total } = progress
  const of = total === undefined ? '' : ` of ${formatCount(total)}`
  const text =
    rows > 0
      ? `${formatCount(rows)}${of} rows read · ${formatBytes(bytes)}${renderTimeLeft(progress, elapsedMs)}`
      : [`query ${state ?? 'is sent'}`, found > 0 ? `${formatRows(found)} found` : '', job ?? '']
          .filter(Boolean)
          .join(' · ')
  return text.slice(0, Math.max(columns, 0))
}

function renderTimeLeft({ rows, total }: QueryProgress, elapsedMs: number): string {
  if (total === undefined || rows >= total || elapsedMs < 2_000) return ''
  return ` · ${formatDuration((elapsedMs / rows) * (total - rows))} left`
}

function renderEvent(before: QueryProgress, event: ExtractEvent): string | undefined {
  switch (event.type) {
    case 'note':
      return event.text
    case 'job-started':
      return `query job ${event.job} sent`
    case 'job-state':
      return before.state === event.state
        ? undefined
        : `query job ${event.job} ${event.state}: ${formatRows(event.processed)}`
    case 'written':
      return undefined
  }
}
