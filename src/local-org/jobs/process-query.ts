import { inTransaction } from '../../sqlite/database.ts'
import { type CellValue, EngineError, type QueryColumn, type QueryResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { quotedLine, styleOf } from './csv-lines.ts'
import type { Job } from './job.ts'
import { JobLost } from './job-lost.ts'
import { rowsOfPiece } from './query-pages.ts'
import { orderColumns } from './result-columns.ts'
import { spellDouble } from './spell-number.ts'

/** Before this version the columns of a result stand in the order of the alphabet, not of the SELECT. */
const selectOrderSince = 50

type Parts = Pick<OrgParts, 'storage' | 'engine' | 'jobs' | 'pages' | 'snapshots' | 'usage'>

/**
 * Runs the query of a claimed job and keeps its rows as lines of CSV. A query that an earlier process began is run from
 * the beginning: its rows were a state of the org that has gone.
 * Throws `JobLost` when the job is no longer this process's, and whatever `pause` throws.
 */
export async function processQuery(parts: Parts, job: Job, pause: () => Promise<void>): Promise<void> {
  try {
    const all = job.operation === 'queryAll'
    const result = parts.snapshots.take(job.id) ?? parts.engine.query(job.query, { all, surface: 'bulk' })
    try {
      await writePages(parts, job, result, pause)
    } finally {
      result.close()
    }
    if (!parts.jobs.progress(job.id, { state: 'JobComplete' })) throw new JobLost(job.id)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const errorMessage = `${error.code}: ${error.message}`
    if (!parts.jobs.progress(job.id, { state: 'Failed', errorMessage })) throw new JobLost(job.id)
  }
}

async function writePages(
  { storage, jobs, pages, usage }: Parts,
  job: Job,
  result: QueryResult,
  pause: () => Promise<void>,
): Promise<void> {
  const started = Date.now()
  const style = styleOf(job)
  const order = orderColumns(result.columns, job.apiVersion < selectOrderSince ? 'alphabetical' : 'uploaded')
  inTransaction(storage, () => {
    if (!jobs.progress(job.id, { processed: 0 })) throw new JobLost(job.id)
    pages.remove(job.id)
    const names = order.map((column) => result.columns[column]?.name ?? '')
    pages.setHeader(job.id, quotedLine(names, style))
  })
  for (let start = 0; start < result.totalSize; start += rowsOfPiece) {
    await pause()
    const rows = result.cells(start, rowsOfPiece)
    const lines = rows.map((cells) => {
      const spelled = spellCells(cells, result.columns)
      return quotedLine(
        order.map((column) => spelled[column] ?? ''),
        style,
      )
    })
    inTransaction(storage, () => {
      const progress = { processed: start + rows.length, activeMs: Date.now() - started }
      if (!jobs.progress(job.id, progress)) throw new JobLost(job.id)
      pages.add(job.id, start / rowsOfPiece, lines)
      usage.add(
        'bulkQueryBytes',
        lines.reduce((sum, line) => sum + line.length, 0),
      )
    })
  }
}

function spellCells(cells: readonly CellValue[], columns: readonly QueryColumn[]): string[] {
  return cells.map((value, index) => spellCell(value, columns[index]?.type ?? 'string'))
}

/** Null is an empty text; integers stay as they are, other numbers are spelt as the service does. */
function spellCell(value: CellValue, type: string): string {
  if (value === null) return ''
  if (typeof value !== 'number') return String(value)
  return type === 'int' || type === 'long' ? String(value) : spellDouble(value)
}
