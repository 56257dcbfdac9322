import { formatCount } from '../format-count.ts'
import type { LoadEvent } from '../load/events.ts'
import { formatBytes, formatDuration, formatRows } from './figures.ts'
import type { ProgressView } from './reporter.ts'

/** What the events of a load have told so far. */
export interface LoadProgress {
  readonly source: string
  /** Bytes of the input, where that is known. */
  readonly size: number | undefined
  readonly rows: number
  readonly bytes: number
  /** By the service's id. */
  readonly jobs: ReadonlyMap<string, JobProgress>
  /** Calls that have been answered, of an API that has no jobs. */
  readonly calls: number
  /** Rows that stand in a result file. */
  readonly written: number
}

interface JobProgress {
  readonly rows: number
  readonly bytes: number
  readonly state: string
  readonly processed: number
  readonly rejected: number
}

/** Progress of a load. A job is told when it was sent and when its state is another than before. */
export const loadView: ProgressView<LoadEvent, LoadProgress> = {
  start: { source: '', size: undefined, rows: 0, bytes: 0, jobs: new Map(), calls: 0, written: 0 },
  apply: applyEvent,
  renderProgress,
  renderEvent,
}

const ended = ['JobComplete', 'Failed', 'Aborted']

function applyEvent(progress: LoadProgress, event: LoadEvent): LoadProgress {
  switch (event.type) {
    case 'started':
      return { ...progress, source: event.source, size: event.size }
    case 'note':
      return progress
    case 'read':
      return { ...progress, rows: event.rows, bytes: event.bytes }
    case 'job-started':
      if (event.job === '') return { ...progress, calls: progress.calls + 1 }
      return withJob(progress, event.job, {
        rows: event.rows,
        bytes: event.bytes,
        state: 'sent',
        processed: 0,
        rejected: 0,
      })
    case 'job-state': {
      const { rows = 0, bytes = 0 } = progress.jobs.get(event.job) ?? {}
      const { state, processed, rejected } = event
      return withJob(progress, event.job, { rows, bytes, state, processed, rejected })
    }
    case 'written':
      return { ...progress, written: event.accepted + event.rejected + event.unprocessed + event.unknown }
  }
}

/** Parts that do not fit are left out from the right, so what matters most stands first. */
function renderProgress(progress: LoadProgress, columns: number, elapsedMs: number): string {
  const jobs = [...progress.jobs.values()]
  const parts = [renderReading(progress)]
  if (jobs.length > 0) {
    parts.push(renderJobs(jobs))
    if (sum(jobs, 'rejected') > 0) parts.push(`${formatCount(sum(jobs, 'rejected'))} rejected`)
  }
  const pace = renderPace(progress, sum(jobs, 'processed'), elapsedMs)
  if (pace !== '') parts.push(pace)
  if (jobs.length > 0) parts.push(`${formatCount(sum(jobs, 'processed'))} processed`)
  if (progress.calls > 0)
    parts.push(`${formatCount(progress.calls)} ${progress.calls === 1 ? 'call' : 'calls'} answered`)
  if (progress.written > 0) parts.push(`${formatCount(progress.written)} written`)
  if (jobs.length > 0) parts.push(`${formatBytes(sum(jobs, 'bytes'))} sent`)
  while (parts.length > 1 && parts.join(' · ').length > columns) parts.pop()
  return parts.join(' · ').slice(0, Math.max(columns, 0))
}

function renderEvent(before: LoadProgress, event: LoadEvent): string | undefined {
  switch (event.type) {
    case 'started':
      return `reading ${event.source}${event.size === undefined ? '' : ` (${formatBytes(event.size)})`}`
    case 'note':
      return event.text
    case 'job-started':
      return event.job === ''
        ? `call ${event.part} answered: ${formatRows(event.rows)}, ${formatBytes(event.bytes)}`
        : `job ${event.job} sent: ${formatRows(event.rows)}, ${formatBytes(event.bytes)}`
    case 'job-state':
      if (before.jobs.get(event.job)?.state === event.state) return undefined
      return `job ${event.job} ${event.state}: ${formatCount(event.processed)} processed, ${formatCount(event.rejected)} rejected`
    case 'read':
    case 'written':
      return undefined
  }
}

function withJob(progress: LoadProgress, id: string, job: JobProgress): LoadProgress {
  return { ...progress, jobs: new Map(progress.jobs).set(id, job) }
}

/** `61,000 rows/s · 12 s left`, once jobs have come some way: reading alone says little of what the service will take. */
function renderPace({ size = 0, bytes, rows, written }: LoadProgress, processed: number, elapsedMs: number): string {
  const done = Math.max(processed, written)
  if (done === 0 || elapsedMs < 2_000) return ''
  const rate = (done / elapsedMs) * 1000
  const all = size > 0 && bytes > 0 ? (rows * size) / bytes : undefined
  const left = all === undefined || all <= done ? '' : ` · ${formatDuration(((all - done) / rate) * 1000)} left`
  return `${formatCount(Math.round(rate))} rows/s${left}`
}

/** A check has no beginning that names its source. */
function renderReading({ source, size, rows, bytes }: LoadProgress): string {
  if (source === '') return `${formatRows(rows)} read`
  const share = size === undefined || size === 0 ? '' : ` ${Math.min(100, Math.floor((bytes / size) * 100))} %`
  return `${source}${share} · ${formatRows(rows)} read`
}

/** `3 of 5 jobs done (2 InProgress)`: the states are Salesforce's own words. */
function renderJobs(jobs: readonly JobProgress[]): string {
  const open = jobs.map(({ state }) => state).filter((state) => !ended.includes(state))
  const states = [...new Set(open)].map((name) => `${open.filter((state) => state === name).length} ${name}`)
  const count = `${jobs.length - open.length} of ${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'} done`
  return states.length === 0 ? count : `${count} (${states.join(', ')})`
}

function sum(jobs: readonly JobProgress[], counter: 'processed' | 'rejected' | 'bytes'): number {
  return jobs.reduce((total, job) => total + job[counter], 0)
}
