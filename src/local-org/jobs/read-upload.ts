import { CsvError, parse } from 'csv-parse'
import { columnDelimiters, type Job, lineEndings } from './job.ts'

/** The upload of a job cannot be read as the CSV that the job says it is. The text is the job's error message. */
export class UnreadableUpload extends Error {}

/** How an upload is written. */
type CsvForm = Pick<Job, 'columnDelimiter' | 'lineEnding'>

/** Rows are read ahead in groups of this size. */
const rowsAtOnce = 2000

/** Limits of the service: characters of a header, a cell and a row, and number of columns. */
const limits = { header: 32_000, columns: 5000, cell: 131_072, row: 400_000 } as const

/**
 * Reads an upload: first its header alone, then its rows in groups of a fixed size, a cell per column; only the last
 * group is shorter. Empty lines are no rows. Throws `UnreadableUpload`, after the rows that stand before the fault have
 * been given out.
 */
export async function* readUpload(job: CsvForm, pieces: Iterable<Buffer>): AsyncGenerator<readonly string[][]> {
  let header: readonly string[] | undefined
  // Pieces end anywhere: rows wait here until a group is whole, so that which rows share a transaction is decided by
  // their numbers alone.
  let waiting: string[][] = []
  try {
    for await (const records of readRecords(job, pieces)) {
      let rows = records
      if (header === undefined) {
        const [first = [], ...rest] = records
        header = checkHeader(first)
        rows = rest
        yield [first]
      }
      for (const cells of rows) {
        checkRow(cells, header.length)
        waiting.push(cells)
        if (waiting.length < rowsAtOnce) continue
        yield waiting
        waiting = []
      }
    }
  } catch (error) {
    if (error instanceof UnreadableUpload && waiting.length > 0) yield waiting
    throw error
  }
  if (waiting.length > 0) yield waiting
}

/** The records of one piece after the other. What precedes a fault is given out before it is thrown. */
async function* readRecords(job: CsvForm, pieces: Iterable<Buffer>): AsyncGenerator<string[][]> {
  let records: string[][] = []
  const parser = parse({
    delimiter: columnDelimiters[job.columnDelimiter],
    record_delimiter: lineEndings[job.lineEnding],
    skip_empty_lines: true,
    relax_column_count: true,
    // Records are taken here: the stream behind the parser would lose those that wait in it when an error comes.
    on_record(record: string[]) {
      records.push(record)
      return null
    },
  })
  parser.resume()
  parser.on('error', () => parser.destroy())
  const take = (): string[][] => {
    const taken = records
    records = []
    return taken
  }
  try {
    for (const piece of pieces) {
      await settle((done) => parser.write(piece, done))
      if (records.length > 0) yield take()
    }
    await settle((done) => parser.end(done))
  } catch (error) {
    if (records.length > 0) yield take()
    throw error instanceof CsvError
      ? new UnreadableUpload(`InvalidBatch : Failed to parse CSV. ${error.message}`)
      : error
  } finally {
    parser.destroy()
  }
  if (records.length > 0) yield take()
}

function settle(act: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    act((error) => (error instanceof Error ? reject(error) : resolve()))
  })
}

function checkHeader(cells: readonly string[]): readonly string[] {
  if (cells.length > limits.columns || cells.join().length > limits.header) {
    throw new UnreadableUpload('InvalidBatch : The header of the CSV is too long')
  }
  return cells
}

function checkRow(cells: readonly string[], columns: number): void {
  if (cells.length !== columns) {
    const message = `A row has ${cells.length} columns, the header has ${columns}`
    throw new UnreadableUpload(`InvalidBatch : Failed to parse CSV. ${message}`)
  }
  let length = 0
  for (const cell of cells) {
    if (cell.length > limits.cell) throw new UnreadableUpload('InvalidBatch : A field is longer than 131072 characters')
    length += cell.length
  }
  if (length > limits.row) throw new UnreadableUpload('InvalidBatch : A record is longer than 400000 characters')
}
