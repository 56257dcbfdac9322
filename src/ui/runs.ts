import { formatCount } from '../format-count.ts'
import { showable, showableLines } from './showable.ts'
import { renderTable } from './table.ts'

/** What `sfbulk runs` tells of a run: the keys of its `--json` object. */
export interface ShownRun {
  readonly run: string
  /** It has its account, a process is at work on it, it waits to be carried on, or it was broken off and cannot be. */
  readonly state: 'finished' | 'running' | 'waiting' | 'stopped'
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

/** How a run is undone: the command, or why there is none. */
export interface ShownUndo {
  readonly undo: string | null
  readonly noUndo: string | null
}

/** A line for each run, the input shortened from its beginning where the lines would be too wide. */
export function renderRuns(runs: readonly ShownRun[], columns: number): readonly string[] {
  if (runs.length === 0) return ['There are no runs yet.']
  const render = (source: (run: ShownRun) => string) =>
    renderTable(
      [
        { title: 'run', cell: ({ run }) => run },
        { title: 'what', cell: renderWork },
        { title: 'state', cell: renderState },
        { title: 'rows', cell: ({ rows }) => formatCount(rows.read ?? rows.rows ?? 0), align: 'right' },
        { title: 'not ok', cell: renderLeft, align: 'right' },
        { title: 'source', cell: source },
      ],
      runs,
    )
  const others = Math.max(...render(() => '').map((line) => line.length))
  const room = Math.max(leastSource, columns - others - 2)
  return render(({ source }) => (source.length <= room ? source : `…${source.slice(1 - room)}`))
}

const leastSource = 8

/** All that is known of a run, how to go on, and how to take it back. */
export function renderRun(run: ShownRun & ShownUndo): readonly string[] {
  const { rows, files, jobs, error, resume } = run
  const facts: readonly (readonly [string, string])[] = [
    ['what', `${renderWork(run)} on ${run.org}, by ${run.api}`],
    ['source', run.source],
    ['state', renderState(run) + (run.pid === null ? '' : ` (process ${run.pid})`)],
    ['started', renderTime(run.startedAt)],
    ['last step', renderTime(run.lastAt)],
  ]
  return [
    `Run ${run.run}`,
    ...facts.map(([name, text]) => `  ${name.padEnd(11)} ${showable(text)}`),
    '',
    ...renderRows(rows),
    ...[files.success, files.errors].flatMap((file) => (file === null ? [] : [`  → ${showable(file)}`])),
    ...(jobs.length === 0 ? [] : ['', jobs.length === 1 ? 'Job:' : `${formatCount(jobs.length)} jobs:`]),
    ...jobs.map((job) => `  ${job}`),
    ...(error === null ? [] : ['', showableLines(error.message)]),
    ...(resume === null ? [] : ['', 'Next:', `  ${resume}`]),
    ...renderUndo(run),
  ]
}

/** A run that has not ended says how to go on; what only read, or wrote no row, has nothing to take back. */
function renderUndo({ state, operation, rows, undo, noUndo }: ShownRun & ShownUndo): readonly string[] {
  if (state === 'finished' && (rows.accepted ?? 0) + (rows.unknown ?? 0) === 0) return []
  if (undo !== null) return ['', 'To take it back:', `  ${undo}`]
  return state !== 'finished' || noUndo === null || operation === 'query' ? [] : ['', `It cannot be undone: ${noUndo}.`]
}

function renderRows(rows: ShownRun['rows']): readonly string[] {
  const shown = Object.entries(rows).filter(([name, count]) => count > 0 || name === 'read')
  if (shown.length === 0) return ['  no rows are accounted for yet']
  const width = Math.max(...shown.map(([, count]) => formatCount(count).length))
  return shown.map(([name, count]) => `  ${name.padEnd(11)} ${formatCount(count).padStart(width)}`)
}

function renderWork({ operation, sobject }: ShownRun): string {
  return sobject === null ? operation : `${operation} ${sobject}`
}

function renderState({ state, exitCode }: ShownRun): string {
  return state === 'finished' ? `exit ${exitCode}` : state
}

function renderLeft({ rows }: ShownRun): string {
  return formatCount((rows.rejected ?? 0) + (rows.unprocessed ?? 0) + (rows.unknown ?? 0))
}

/** `2026-11-21 13:53:23 UTC` */
function renderTime(time: string): string {
  return `${time.slice(0, 19).replace('T', ' ')} UTC`
}
