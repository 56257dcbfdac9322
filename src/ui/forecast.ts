import { formatCount } from '../format-count.ts'
import { formatBytes, formatRows } from './figures.ts'
import { shorten } from './shorten.ts'

/** Rows that share a problem: one example of its text, and where the first of them begin. */
export interface Problem {
  /** Salesforce's code; null where the row is no good CSV. */
  readonly code: string | null
  /** API names of the fields at fault. */
  readonly fields: readonly string[]
  /** As in the errors file. */
  readonly example: string
  readonly count: number
  /** Lines of the input. */
  readonly lines: readonly number[]
}

/** Rows that the service would take, and that may all the same not be what was meant. */
export interface Warning {
  readonly code: 'DUPLICATE_KEYS' | 'REPLACED_CHARACTERS' | 'MISREAD_CHARACTERS'
  readonly message: string
  readonly count: number
  readonly lines: readonly number[]
}

/** Rows of a kind, and where the first of them begin. */
interface ForeseenRows {
  readonly count: number
  readonly lines: readonly number[]
}

/** What the rows would do to the records that the org has. */
export interface ForeseenChanges {
  readonly created: ForeseenRows
  readonly changed: ForeseenRows
  readonly unchanged: ForeseenRows
  /** Rows whose record is not there. */
  readonly missing: ForeseenRows
  /** Fields that would change, in most records first. */
  readonly fields: readonly {
    readonly field: string
    readonly count: number
    readonly examples: readonly { readonly line: number; readonly from: string; readonly to: string }[]
  }[]
}

/** What a write would come to: the keys of the `--json` object of `check` and `--dry-run`. */
export interface Forecast {
  readonly operation: string
  readonly sobject: string
  readonly api: string
  readonly apiReason: string
  readonly org: string
  readonly rows: { readonly read: number; readonly sent: number; readonly rejected: number; readonly skipped: number }
  readonly problems: readonly Problem[]
  readonly warnings: readonly Warning[]
  /** What is not known, and why. */
  readonly notChecked: readonly string[]
  /** Where the records were read. */
  readonly changes?: ForeseenChanges
  /** The errors file; null where no row would be rejected, `-` for stdout. */
  readonly files: { readonly errors: string | null }
  readonly bytes: number
  /** Jobs of the Bulk API, or calls of SOAP. */
  readonly parts: number
  /** Batches that the service makes of the rows, of the 15,000 a day; none by SOAP. */
  readonly batches: number
  /** API calls that the load itself is expected to cost. */
  readonly calls: number
  /** What the org has left today; null where this user may not know. */
  readonly callsLeft: number | null
  readonly batchesLeft: number | null
}

/** The forecast in lines of at most 80 columns, where names allow it. */
export function renderForecast(forecast: Forecast): readonly string[] {
  const { operation, sobject, org, api, apiReason, rows, bytes, parts, batches, calls, callsLeft } = forecast
  const unit = api === 'soap' ? 'call' : 'job'
  const left = callsLeft === null ? 'what the org has left is not known' : `${formatCount(callsLeft)} left today`
  return [
    `Nothing was sent. ${operation} would send ${formatRows(rows.sent)} (${formatBytes(bytes)}) to ${sobject} on ${org}:`,
    `  by ${api}, because ${apiReason}:`,
    `  ${formatCount(parts)} ${parts === 1 ? unit : `${unit}s`}, about ${formatCount(calls)} API ${calls === 1 ? 'call' : 'calls'} (${left})`,
    ...(batches > 0 ? [`  ${formatCount(batches)} of the 15,000 batches a day`] : []),
    ...renderChanges(forecast),
    ...renderProblems(forecast),
    ...renderWarnings(forecast),
    ...renderNotChecked(forecast),
  ]
}

function renderChanges({ changes }: Forecast): readonly string[] {
  if (changes === undefined) return []
  const kinds = [
    ['created', changes.created],
    ['changed', changes.changed],
    ['left as they are', changes.unchanged],
    ['not in the org', changes.missing],
  ] as const
  const shown = kinds.filter(([, { count }]) => count > 0)
  const width = Math.max(0, ...shown.map(([, { count }]) => formatCount(count).length))
  return [
    '',
    'Records:',
    ...shown.map(([words, { count, lines }]) => {
      const more = count > lines.length ? ', …' : ''
      return `  ${formatCount(count).padStart(width)} ${words} (${count === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more})`
    }),
    ...changes.fields.flatMap(({ field, count, examples }) => [
      `  ${field} in ${formatCount(count)}`,
      ...examples.map(
        ({ line, from, to }) => `    line ${line}: ${shorten(from, 30) || '∅'} → ${shorten(to, 30) || '∅'}`,
      ),
    ]),
  ]
}

function renderProblems({ rows, problems, files }: Forecast): readonly string[] {
  if (rows.rejected === 0) return []
  const where = files.errors === null || files.errors === '-' ? '' : ` → ${files.errors}`
  const head = `${formatCount(rows.rejected)} of ${formatRows(rows.read)} would be rejected${where}`
  const width = Math.max(...problems.map(({ count }) => formatCount(count).length))
  return [
    '',
    head,
    ...problems.flatMap((problem) => renderGroup(problem, problem.example.replace(/^LOCAL:/, ''), width)),
  ]
}

function renderWarnings({ warnings }: Forecast): readonly string[] {
  if (warnings.length === 0) return []
  const width = Math.max(...warnings.map(({ count }) => formatCount(count).length))
  return ['', 'Would be sent, but look at them:', ...warnings.flatMap((each) => renderGroup(each, each.message, width))]
}

function renderNotChecked({ notChecked }: Forecast): readonly string[] {
  return notChecked.length === 0 ? [] : ['', 'Not checked:', ...notChecked.map((each) => `  ${each}`)]
}

function renderGroup(
  { count, lines }: { readonly count: number; readonly lines: readonly number[] },
  text: string,
  width: number,
): readonly string[] {
  const more = count > lines.length ? ', …' : ''
  return [
    `  ${formatCount(count).padStart(width)} × ${shorten(text, 80 - width - 5)}`,
    `  ${' '.repeat(width)}   ${count === 1 ? 'line' : 'lines'} ${lines.map(String).join(', ')}${more}`,
  ]
}
