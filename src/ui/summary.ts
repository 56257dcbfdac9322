import { formatCount } from '../format-count.ts'
import type { RowCounts } from '../load/account.ts'
import type { Operation } from '../operations.ts'
import { formatBytes, formatDuration, formatRows } from './figures.ts'
import { shorten } from './shorten.ts'

/** What a load came to: the fields of the `--json` object, and what the lines for people need besides. */
export interface LoadSummary {
  readonly run: string
  readonly operation: Operation
  readonly object: string
  /** For messages: the path as given, or `stdin`. */
  readonly source: string
  readonly org: string
  readonly rows: Readonly<RowCounts>
  readonly files: { readonly success: string | null; readonly errors: string | null }
  /** Texts of `sf__Error` with their counts, the most frequent first. */
  readonly reasons: readonly { readonly text: string; readonly count: number }[]
  readonly apiCalls: number
  readonly bytesSent: number
  readonly elapsedMs: number
  /** The command line that sends the errors file again. */
  readonly again: string | undefined
}

/** The summary of a load. Reasons are cut to the width of the terminal; other lines are short, unless names of files are long. */
export function renderSummary(summary: LoadSummary, columns = 80): readonly string[] {
  return [
    '',
    renderVerdict(summary),
    '',
    ...renderCounts(summary),
    '',
    ...renderReasons(summary, columns),
    renderCost(summary),
    ...renderNextStep(summary),
  ]
}

/** Whether every row that was read has been accounted for. */
export function balances({ read, accepted, rejected, unprocessed, unknown, skipped }: Readonly<RowCounts>): boolean {
  return read === accepted + rejected + unprocessed + unknown + skipped
}

/** `35 of 40 rows of accounts.csv upserted in Account on local; 5 not.` */
export function renderVerdict({ operation, object, source, org, rows }: LoadSummary): string {
  const place = `${object} on ${org}`
  const left = rows.rejected + rows.unprocessed + rows.unknown
  if (rows.read === 0) return `${source} has no rows: nothing was sent to ${place}.`
  if (left === 0 && rows.skipped === 0) {
    return `All ${formatRows(rows.accepted)} of ${source} ${operation.past} in ${place}.`
  }
  if (left === 0) {
    return `${formatCount(rows.accepted)} of ${formatRows(rows.read)} of ${source} ${operation.past} in ${place}; the others change nothing.`
  }
  return `${formatCount(rows.accepted)} of ${formatRows(rows.read)} of ${source} ${operation.past} in ${place}; ${formatCount(left)} not.`
}

function renderCounts({ rows, files }: LoadSummary): readonly string[] {
  const lines: readonly [keyof RowCounts, string | null][] = [
    ['read', null],
    ['accepted', files.success],
    ['rejected', files.errors],
    ['unprocessed', files.errors],
    ['unknown', files.errors],
    ['skipped', files.success],
  ]
  const width = formatCount(rows.read).length
  const shown = lines.filter(
    ([name]) => rows[name] > 0 || name === 'read' || name === 'accepted' || name === 'rejected',
  )
  return [
    ...shown.map(([name, file]) => {
      const where = file === null || rows[name] === 0 ? '' : `  → ${file === '-' ? 'stdout' : file}`
      return `  ${name.padEnd(11)} ${formatCount(rows[name]).padStart(width)}${where}`
    }),
    renderBalance(rows),
  ]
}

function renderBalance(rows: Readonly<RowCounts>): string {
  const parts = [rows.accepted, rows.rejected, rows.unprocessed, rows.unknown, rows.skipped].filter(
    (count) => count > 0,
  )
  const sum = `${formatCount(rows.read)} = ${parts.map(formatCount).join(' + ') || '0'}`
  if (balances(rows)) return `  The account balances: ${sum}.`
  return `  THE ACCOUNT DOES NOT BALANCE: ${sum.replace('=', '≠')}. Rows are missing from the files.`
}

function renderReasons({ reasons }: LoadSummary, columns: number): readonly string[] {
  if (reasons.length === 0) return []
  const top = reasons.slice(0, 3)
  const width = Math.max(...top.map(({ count }) => formatCount(count).length))
  return [
    reasons.length > top.length ? `Most frequent of ${formatCount(reasons.length)} reasons:` : 'Reasons:',
    ...top.map(
      ({ text, count }) =>
        `  ${formatCount(count).padStart(width)} × ${shorten(text, Math.max(columns, 40) - width - 5)}`,
    ),
    '',
  ]
}

function renderCost({ apiCalls, bytesSent, elapsedMs, rows }: LoadSummary): string {
  const rate = elapsedMs > 0 ? ` · ${formatRows(Math.round((rows.read * 1000) / elapsedMs))}/s` : ''
  const calls = `${formatCount(apiCalls)} API ${apiCalls === 1 ? 'call' : 'calls'}`
  return `${calls} · ${formatBytes(bytesSent)} sent · ${formatDuration(elapsedMs)}${rate}`
}

function renderNextStep({ rows, files, again }: LoadSummary): readonly string[] {
  if (rows.unknown > 0) {
    return ['', `Next: look up the rows marked UNKNOWN in ${files.errors ?? 'the org'} before they are sent again.`]
  }
  if (again === undefined || files.errors === null || rows.rejected + rows.unprocessed === 0) return []
  return ['', `Next: mend the rows in ${files.errors} and send that file:`, `  ${again}`]
}
