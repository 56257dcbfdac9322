import { formatCount } from '../format-count.ts'
import type { Conflict } from '../sync/conflicts.ts'
import type { PullResult } from '../sync/pull.ts'
import type { PushCounts } from '../sync/push.ts'
import type { ObjectStatus, SyncStatus } from '../sync/status.ts'
import type { SyncEvent } from '../sync/sync-tools.ts'
import { formatRows } from './figures.ts'
import type { ProgressView } from './reporter.ts'
import { shorten } from './shorten.ts'
import { showable } from './showable.ts'
import { renderTable, type TableColumn } from './table.ts'

/** What a sync is about at the moment. */
interface SyncProgress {
  readonly step: string
  readonly rows: number
}

/** Progress of a sync: its steps, and the jobs that it starts. */
export const syncView: ProgressView<SyncEvent, SyncProgress> = {
  start: { step: 'looking at the file', rows: 0 },
  apply: (progress, event) => {
    if (event.type === 'step') return { step: `${event.object}: ${steps[event.step]}`, rows: 0 }
    if (event.type === 'written') return { ...progress, rows: 'total' in event ? event.rows : event.accepted }
    return progress
  },
  renderProgress: ({ step, rows }, columns) =>
    `${step}${rows > 0 ? ` · ${formatRows(rows)}` : ''}`.slice(0, Math.max(columns, 0)),
  renderEvent: (before, event) => {
    if (event.type === 'note') return event.text
    if (event.type === 'job-started' && event.job !== '') return `${before.step} by job ${event.job}`
    return undefined
  },
}

const steps: Readonly<Record<Extract<SyncEvent, { type: 'step' }>['step'], string>> = {
  pull: 'reading what has changed',
  push: 'sending what was edited',
  look: 'looking at the records that were edited',
  files: 'fetching files',
  sweep: 'looking for records that are gone',
}

/** What a sync has come to, a line an object and one for what waits. */
export function renderSyncAccount(
  { objects }: SyncStatus,
  pushed: ReadonlyMap<string, PushCounts>,
  pulled: ReadonlyMap<string, PullResult>,
): readonly string[] {
  return objects.flatMap((status) => {
    const [sent, got] = [pushed.get(status.object), pulled.get(status.object)]
    if (sent === undefined && got === undefined) return []
    const parts = [...(sent === undefined ? [] : [renderSent(sent)]), ...(got === undefined ? [] : [renderRead(got)])]
    return [`${status.object}: ${parts.join('; ')}`, ...renderWaiting(status)]
  })
}

function renderSent({ create, update, delete: deleted, unknown }: PushCounts): string {
  const parts = [
    create > 0 ? `${formatCount(create)} created` : '',
    update > 0 ? `${formatCount(update)} changed` : '',
    deleted > 0 ? `${formatCount(deleted)} deleted` : '',
    unknown > 0 ? `${formatCount(unknown)} unknown, which the next sync settles` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? 'nothing sent' : `sent: ${parts.join(', ')}`
}

function renderRead({ received, written, removed, files, whole }: PullResult): string {
  const parts = [
    written > 0 ? `${formatCount(written)} written` : '',
    removed > 0 ? `${formatCount(removed)} removed` : '',
    files > 0 ? `${formatCount(files)} ${files === 1 ? 'file' : 'files'} fetched` : '',
  ].filter((part) => part !== '')
  const what = `${whole ? 'all ' : ''}${formatRows(received)} read`
  return parts.length === 0 ? `${what}, nothing new` : `${what}: ${parts.join(', ')}`
}

function renderWaiting({ object, conflicts, rejects, superseded }: ObjectStatus): readonly string[] {
  return [
    conflicts > 0 ? `${object}: ${formatRows(conflicts)} in conflict: see \`sfbulk sync conflicts\`` : '',
    rejects > 0 ? `${object}: ${formatRows(rejects)} could not be written: see \`sfbulk sync status\`` : '',
    superseded > 0 ? `${object}: ${formatCount(superseded)} superseded so far: see the table sfbulk_superseded` : '',
  ].filter((line) => line !== '')
}

/**
 * What waits, an object a line, and below it each row that could not be written. What a narrow terminal has no room for is left
 * out: the pattern, then the time of day.
 */
export function renderSyncStatus(
  { objects, rejects }: SyncStatus,
  columns = Number.POSITIVE_INFINITY,
): readonly string[] {
  const tables = [
    [patternColumn, pulledColumn(16)],
    [undefined, pulledColumn(16)],
    [undefined, pulledColumn(10)],
  ].map(([pattern, pulled]) =>
    renderTable<ObjectStatus>(
      [objectColumn, pattern, ...countColumns, pulled].flatMap((each) => each ?? []),
      objects,
    ),
  )
  const table = tables.find((lines) => lines.every(({ length }) => length <= columns)) ?? tables[2]!
  const reasons = rejects.map(({ object, id, operation, error }) => `${object} ${id}: ${operation}: ${showable(error)}`)
  return reasons.length === 0 ? table : [...table, '', ...reasons]
}

type StatusColumn = TableColumn<ObjectStatus>
const objectColumn: StatusColumn = { title: 'object', cell: ({ object }) => object }
const patternColumn: StatusColumn = { title: 'pattern', cell: ({ pattern }) => pattern }
const countColumns: readonly StatusColumn[] = [
  { title: 'rows', cell: ({ rows }) => formatCount(rows), align: 'right' },
  { title: 'create', cell: ({ pending }) => formatCount(pending.create), align: 'right' },
  { title: 'update', cell: ({ pending }) => formatCount(pending.update), align: 'right' },
  { title: 'delete', cell: ({ pending }) => formatCount(pending.delete), align: 'right' },
  { title: 'conflicts', cell: ({ conflicts }) => formatCount(conflicts), align: 'right' },
  { title: 'rejects', cell: (status) => formatCount(status.rejects), align: 'right' },
]

function pulledColumn(length: number): StatusColumn {
  return { title: 'pulled', cell: ({ pulledAt }) => pulledAt?.slice(0, length).replace('T', ' ') ?? 'never' }
}

/** Conflicts as a table of so many columns: what both sides had, and what each has now. */
export function renderConflicts(conflicts: readonly Conflict[], columns: number): readonly string[] {
  if (conflicts.length === 0) return []
  const tables = valueWidths.map((width) => conflictTable(conflicts, width))
  return tables.find((lines) => lines.every(({ length }) => length <= columns)) ?? tables.at(-1)!
}

/** Characters of a value that are shown; the first with which all lines have room. */
const valueWidths = [30, 25, 20, 16, 13, 10]

function conflictTable(conflicts: readonly Conflict[], width: number): readonly string[] {
  const showValue = (value: Conflict['base']) =>
    value === null || value === '' ? '(empty)' : shorten(String(value), width)
  return renderTable<Conflict>(
    [
      { title: 'object', cell: ({ object }) => object },
      { title: 'id', cell: ({ id }) => id },
      { title: 'field', cell: ({ field }) => field },
      { title: 'before', cell: ({ base }) => showValue(base) },
      { title: 'here', cell: ({ kind, local }) => (kind === 'deleted-changed' ? '(deleted)' : showValue(local)) },
      {
        title: 'in the org',
        cell: ({ kind, remote }) => (kind === 'changed-deleted' ? '(deleted)' : showValue(remote)),
      },
    ],
    conflicts,
  )
}
