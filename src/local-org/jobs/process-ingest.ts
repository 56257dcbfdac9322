import { serviceNull } from '../../service-null.ts'
import { inTransaction } from '../../sqlite/database.ts'
import { formatRowError } from '../../values/row-error.ts'
import type { WriteColumn, WriteResult, WriteValue } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { type CsvStyle, quotedLine, styleOf } from './csv-lines.ts'
import { type Job, type JobProgress, writeOperationOf } from './job.ts'
import { JobLost } from './job-lost.ts'
import { readUpload, UnreadableUpload } from './read-upload.ts'
import { resolveColumns, UnknownColumn } from './resolve-columns.ts'
import { orderColumns } from './result-columns.ts'
import { echoCell } from './spell-number.ts'

/** Rows that the service writes in one transaction. */
const chunkRows = 200

/** Rows of an internal batch, of which a day has 15,000. */
const batchRows = 10_000

type Parts = Pick<OrgParts, 'storage' | 'engine' | 'jobs' | 'uploads' | 'results' | 'usage' | 'options'>

/**
 * Processes a claimed ingest job to its end, from the row on that an earlier process came to. The rows of a group, their
 * results and the job's counters are written in one transaction: what has been done is never done again.
 * Throws `JobLost` when the job is no longer this process's, and whatever `pause` throws.
 */
export async function processIngest(parts: Parts, job: Job, pause: () => Promise<void>): Promise<void> {
  try {
    checkLineEnding(job)
    await writeRows(parts, job, pause)
    finish(parts, job, { state: 'JobComplete' })
  } catch (error) {
    const isItsOwn = error instanceof UnreadableUpload || error instanceof UnknownColumn || error instanceof JobFailure
    if (!isItsOwn) throw error
    finish(parts, job, { state: 'Failed', errorMessage: error.message })
  }
}

class JobFailure extends Error {}

function checkLineEnding(job: Job): void {
  const isOther = job.lineEnding === 'LF' ? job.hasCrlf : job.hasBareLf
  if (!isOther) return
  const message = `LineEnding is invalid on user data. Current LineEnding setting is ${job.lineEnding}`
  throw new JobFailure(`ClientInputError : ${message}`)
}

async function writeRows(parts: Parts, job: Job, pause: () => Promise<void>): Promise<void> {
  const groups = readUpload(job, parts.uploads.read(job.id))
  const [header] = (await groups.next()).value ?? []
  if (header === undefined) return
  const columns = resolveColumns(parts.engine, job, header)
  const order = orderColumns(columns, parts.options.resultColumns)
  const writer = createWriter(parts, job, columns, order)
  parts.jobs.progress(job.id, { resultColumns: order.map((column) => header[column] ?? '') })
  let seen = 0
  for await (const group of groups) {
    const rows = group.slice(Math.max(0, job.processed - seen))
    seen += group.length
    if (rows.length === 0) continue
    await pause()
    writer.write(rows)
  }
}

function createWriter(
  { storage, engine, jobs, results, usage, options }: Parts,
  job: Job,
  columns: readonly WriteColumn[],
  order: readonly number[],
) {
  const style = styleOf(job)
  const omitted = new Set(options.omitResults)
  const stopAfter = options.failJobs?.afterRows ?? Number.POSITIVE_INFINITY
  let { processed, failed, activeMs } = job

  function writeChunk(rows: readonly string[][]): void {
    const outcomes = engine.write({
      object: job.object,
      operation: writeOperationOf(job),
      externalIdField: job.externalIdField === '' ? undefined : job.externalIdField,
      columns,
      rows: rows.map((cells) => cells.map(readCell)),
      userId: job.createdBy,
    })
    const lines = { successful: [] as string[], failed: [] as string[] }
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.error !== undefined) failed += 1
      processed += 1
      if (omitted.has(processed)) continue
      const cells = order.map((column) => echoCell(rows[index]?.[column] ?? '', columns[column]?.field.type ?? ''))
      lines[outcome.error === undefined ? 'successful' : 'failed'].push(resultLine(outcome, cells, style))
    }
    // Chunks are numbered by the last row in them: a number that a takeover cannot give to other rows.
    results.add(job.id, processed, 'successful', lines.successful)
    results.add(job.id, processed, 'failed', lines.failed)
  }

  return {
    /** Writes a group of rows in one transaction. Throws `JobFailure` after the row at which jobs are told to fail. */
    write(group: readonly string[][]): void {
      const started = Date.now()
      const rows = group.slice(0, Math.max(0, stopAfter - processed))
      const batchesBefore = Math.ceil(processed / batchRows)
      inTransaction(storage, () => {
        // First of all, so that another process that has taken the job is noticed before anything is written.
        if (!jobs.progress(job.id, {})) throw new JobLost(job.id)
        for (let start = 0; start < rows.length; start += chunkRows) writeChunk(rows.slice(start, start + chunkRows))
        activeMs += Date.now() - started
        jobs.progress(job.id, { processed, failed, activeMs })
        usage.add('bulkBatches', Math.ceil(processed / batchRows) - batchesBefore)
      })
      if (rows.length < group.length) throw new JobFailure(options.failJobs?.message)
    },
  }
}

/** An empty cell leaves the field alone, `#N/A` makes it null. */
function readCell(cell: string): WriteValue {
  if (cell === '') return undefined
  return cell === serviceNull ? null : cell
}

function resultLine({ id, created, error }: WriteResult, cells: readonly string[], style: CsvStyle): string {
  const verdict = error === undefined ? String(created) : formatRowError(error)
  return quotedLine([id, verdict, ...cells], style)
}

/** Ends the job. The upload of a complete one is dropped; of another it is where the unprocessed rows are read from. */
function finish({ storage, jobs, uploads }: Parts, job: Job, end: Pick<JobProgress, 'state' | 'errorMessage'>): void {
  inTransaction(storage, () => {
    if (!jobs.progress(job.id, end)) throw new JobLost(job.id)
    if (end.state === 'JobComplete') uploads.remove(job.id)
  })
}
