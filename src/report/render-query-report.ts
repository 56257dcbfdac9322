import { formatCount } from '../format-count.ts'
import { formatBytes, formatDuration, formatRows } from '../ui/figures.ts'
import type { QuerySummary } from '../ui/query-summary.ts'
import { renderChart } from './chart.ts'
import { escapeHtml, renderPage } from './page.ts'
import type { TimelinePoint } from './timeline.ts'

/** All that the page of a query shows. */
export interface QueryReport extends QuerySummary {
  /** False when the reader of a pipe had gone before the end. */
  readonly complete: boolean
  readonly soql: string
  readonly org: string
  /** Undefined for a query that was answered without a job. */
  readonly run: string | undefined
  readonly api: string
  readonly apiReason: string
  readonly jobs: readonly string[]
  readonly startedAt: Date
  readonly timeline: readonly TimelinePoint[]
  /** Addresses of the files, as seen from the page, in the order of `files`. */
  readonly links: readonly string[]
}

/** One page of HTML: the query, what it came to, rows over time, files. */
export function renderQueryReport(report: QueryReport): string {
  return renderPage(`${formatRows(report.rows)} ${report.complete ? '' : 'and more '}read from ${report.org}`, [
    `<p class="facts">${escapeHtml(factsOf(report))}</p>`,
    renderCounts(report),
    `<h2>Query</h2>\n<pre>${escapeHtml(report.soql)}</pre>`,
    renderPace(report),
    renderFiles(report),
  ])
}

function factsOf({ run, api, apiReason, jobs, startedAt }: QueryReport): string {
  const way = jobs.length === 0 ? api : `${api}, ${formatCount(jobs.length)} ${jobs.length === 1 ? 'job' : 'jobs'}`
  const time = `${startedAt.toISOString().replace('T', ' ').slice(0, 19)} UTC`
  return [run === undefined ? '' : `run ${run}`, time, `${way}: ${apiReason}`].filter(Boolean).join(' · ')
}

function renderCounts({ rows, bytes, apiCalls, elapsedMs }: QueryReport): string {
  const counts = {
    rows: formatCount(rows),
    size: formatBytes(bytes),
    'API calls': formatCount(apiCalls),
    time: formatDuration(elapsedMs),
  }
  const cards = Object.entries(counts).map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
  return `<dl>${cards.join('')}</dl>`
}

function renderPace({ timeline }: QueryReport): string {
  const chart = renderChart(timeline, ['written'])
  return chart === '' ? '' : `<h2>Rows a second</h2>\n${chart}`
}

function renderFiles({ files, links }: QueryReport): string {
  if (files.length === 0) return ''
  const items = files.map(
    (file, index) => `<li><a href="${escapeHtml(links[index] ?? '')}">${escapeHtml(file)}</a></li>`,
  )
  return `<h2>Files</h2>\n<ul>${items.join('')}</ul>`
}
