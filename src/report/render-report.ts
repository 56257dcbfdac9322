import { formatCount } from '../format-count.ts'
import type { RejectReason } from '../load/account.ts'
import { reasonName } from '../load/account.ts'
import { formatBytes, formatDuration } from '../ui/figures.ts'
import { type LoadSummary, renderVerdict } from '../ui/summary.ts'
import { renderChart } from './chart.ts'
import type { FirstRows } from './first-rows.ts'
import { escapeHtml, renderPage } from './page.ts'
import type { TimelinePoint } from './timeline.ts'

/** All that the page of a run shows. */
export interface RunReport extends LoadSummary {
  readonly reasons: readonly RejectReason[]
  readonly api: string
  readonly jobs: readonly string[]
  readonly startedAt: Date
  readonly timeline: readonly TimelinePoint[]
  /** Undefined where no errors file was written. */
  readonly firstRows: FirstRows | undefined
  /** Addresses of the result files, as seen from the page. */
  readonly links: { readonly success: string | undefined; readonly errors: string | undefined }
  /** What ended the run before its time. */
  readonly error: string | undefined
}

/** One page of HTML without anything outside itself: counts, rate over time, reasons with their first rows, files. */
export function renderReport(report: RunReport): string {
  const error = report.error === undefined ? '' : `<p class="error">${escapeHtml(report.error)}</p>`
  return renderPage(renderVerdict(report), [
    `<p class="facts">${escapeHtml(factsOf(report))}</p>`,
    error,
    renderCounts(report),
    renderPace(report),
    renderReasons(report),
    renderFiles(report),
  ])
}

function factsOf({ run, api, jobs, startedAt, elapsedMs, apiCalls, bytesSent }: RunReport): string {
  const way = jobs.length === 0 ? api : `${api}, ${formatCount(jobs.length)} ${jobs.length === 1 ? 'job' : 'jobs'}`
  const calls = `${formatCount(apiCalls)} API ${apiCalls === 1 ? 'call' : 'calls'}`
  const time = startedAt.toISOString().replace('T', ' ').slice(0, 19)
  return `run ${run} · ${time} UTC · ${way} · ${calls} · ${formatBytes(bytesSent)} sent · ${formatDuration(elapsedMs)}`
}

const countNames = ['accepted', 'rejected', 'unprocessed', 'unknown', 'skipped'] as const

function renderCounts({ rows }: RunReport): string {
  const shown = countNames.filter((name) => rows[name] > 0 || name === 'accepted' || name === 'rejected')
  const share = (count: number) =>
    rows.read === 0 ? '' : ` <small>${((count / rows.read) * 100).toFixed(1)} %</small>`
  const cards = shown.map(
    (name) => `<div class="${name}"><dt>${name}</dt><dd>${formatCount(rows[name])}${share(rows[name])}</dd></div>`,
  )
  const bar = shown
    .filter((name) => rows[name] > 0)
    .map((name) => `<i class="${name}" style="flex-grow:${rows[name]}"></i>`)
  return `<dl><div><dt>read</dt><dd>${formatCount(rows.read)}</dd></div>${cards.join('')}</dl>\n<div class="bar">${bar.join('')}</div>`
}

function renderPace({ timeline }: RunReport): string {
  const chart = renderChart(timeline, ['read', 'written'])
  if (chart === '') return ''
  return `<h2>Rows a second <span class="key read">read</span> <span class="key written">accounted for</span></h2>\n${chart}`
}

function renderReasons({ reasons, firstRows }: RunReport): string {
  if (reasons.length === 0) return ''
  const sections = reasons.slice(0, 50).map(({ text, count }) => {
    const rows = firstRows?.reasons.find(({ reason }) => reason === reasonName(text))?.rows ?? []
    const table = rows.length === 0 ? '' : renderRows(firstRows?.columns ?? [], rows)
    return `<details><summary><b>${formatCount(count)}</b> ${escapeHtml(text)}</summary>${table}</details>`
  })
  return `<h2>Reasons</h2>\n${sections.join('\n')}`
}

function renderRows(columns: readonly string[], rows: FirstRows['reasons'][number]['rows']): string {
  const head = ['line', ...columns].map((name) => `<th>${escapeHtml(name)}</th>`).join('')
  const body = rows.map(
    ({ line, cells }) => `<tr>${[line, ...cells].map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  )
  return `<div class="rows"><table><tr>${head}</tr>${body.join('')}</table></div>`
}

function renderFiles({ files, links, again }: RunReport): string {
  const items = [
    links.success === undefined
      ? ''
      : `<li>accepted: <a href="${escapeHtml(links.success)}">${escapeHtml(files.success ?? '')}</a></li>`,
    links.errors === undefined
      ? ''
      : `<li>not accepted: <a href="${escapeHtml(links.errors)}">${escapeHtml(files.errors ?? '')}</a></li>`,
  ].filter(Boolean)
  if (items.length === 0) return ''
  const next =
    again === undefined
      ? ''
      : `\n<p>Mend the rows of the errors file and send it again:</p>\n<pre>${escapeHtml(again)}</pre>`
  return `<h2>Files</h2>\n<ul>${items.join('')}</ul>${next}`
}
