import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { columnDelimiters, type Job, lineEndings } from './job-store.ts'

/** The upload of a job cannot be read as the CSV that the job says it is. The text is the job's error message. */
export class UnreadableUpload extends Error {}

/** Rows are read ahead in groups of this size. */
const rowsAtOnce = 1000

/** Limits of the service: characters of a header, a cell and a row, and number of columns. */
const limits = { header: 32_000, columns: 5000, cell: 131_072, row: 400_000 } as const

/**
 * Reads an upload: first its header alone, then its rows in groups, a cell per column. Empty lines are no rows.
 * Throws `UnreadableUpload`, after the rows that stand before the fault have been given out.
 */
export async function* readUpload(job: Job, pieces: Iterable<Buffer>): AsyncGenerator<readonly string[][]> {
  const parser = parse({
    delimiter: columnDelimiters[job.columnDelimiter],
    record_delimiter: lineEndings[job.lineEnding],
    skip_empty_lines: true,
    relax_column_count: true,
  })
  const source = Readable.from(pieces)
  source.on('error', (error) => parser.destroy(error))
  source.pipe(parser)
  let header: readonly string[] | undefined
  let group: string[][] = []
  try {
    for await (const value of parser) {
      const cells: string[] = value
      if (header === undefined) {
        header = checkHeader(cells)
        yield [cells]
        continue
      }
      const fault = findFault(cells, header.length)
      if (fault !== undefined) throw new UnreadableUpload(fault)
      group.push(cells)
      if (group.length < rowsAtOnce) continue
      yield group
      group = []
    }
  } catch (error) {
    if (group.length > 0) yield group
    if (error instanceof CsvError) throw new UnreadableUpload(`InvalidBatch : Failed to parse CSV. ${error.message}`)
    throw error
  } finally {
    source.destroy()
    parser.destroy()
  }
  if (group.length > 0) yield group
}

function checkHeader(cells: readonly string[]): readonly string[] {
  if (cells.length > limits.columns || cells.join().length > limits.header) {
    throw new UnreadableUpload('InvalidBatch : The header of the CSV is too long')
  }
  return cells
}

function findFault(cells: readonly string[], columns: number): string | undefined {
  if (cells.length !== columns) {
    return `InvalidBatch : Failed to parse CSV. A row has ${cells.length} columns, the header has ${columns}`
  }
  let length = 0
  for (const cell of cells) {
    if (cell.length > limits.cell) return 'InvalidBatch : A field is longer than 131072 characters'
    length += cell.length
  }
  return length > limits.row ? 'InvalidBatch : A record is longer than 400000 characters' : undefined
}
