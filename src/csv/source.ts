import { ExpectedError } from '../errors.ts'
import type { ReadBytes } from './byte-readers.ts'
import type { CsvInput, DecodedInput } from './decoded-input.ts'
import { detectDialect } from './dialect.ts'
import { emptyFile, readHeader } from './header.ts'
import { unreadableInput } from './input-file.ts'
import { openDecodedInput } from './open-input.ts'
import { peekSize } from './peek-size.ts'
import type { RecordTable } from './record-table.ts'
import type { CsvSource, Dialect, SourcePosition } from './records.ts'
import { scanRecords } from './scan.ts'

/**
 * Opens a CSV and reads its header. A plain file in UTF-8 is read in place, a range of it again from the file; standard
 * input, gzip files, pipes and other encodings are decoded and spooled. Offsets are places in the decoded UTF-8 text
 * without byte order mark, the header included, in either case.
 *
 * Throws `UsageError` for what cannot be opened or is no CSV: codes `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `EMPTY_FILE`,
 * `NOT_A_CSV`, `BAD_HEADER`, `BAD_GZIP`, `UNKNOWN_ENCODING`, `UNKNOWN_DELIMITER`.
 */
export async function openCsvSource(input: CsvInput): Promise<CsvSource> {
  const decoded = await openDecodedInput(input)
  try {
    const { name, sample, complete, encoding } = decoded
    if (sample.length === 0) throw emptyFile(name)
    const dialect = detectDialect(sample, complete, encoding, input.delimiter)
    const header = readHeader(sample, complete, dialect, name)
    const peek = () => (complete ? peekSize(sample, header.next, dialect.delimiter) : 'more')
    return { ...describeSource(decoded, dialect, header.names, header.next), peek }
  } catch (error) {
    await decoded.close()
    throw error
  }
}

/** What opens a CSV once it is known how it is written. */
export function describeSource(
  decoded: Omit<DecodedInput, 'sample' | 'complete' | 'encoding'>,
  dialect: Dialect,
  header: readonly string[],
  start: SourcePosition,
): Omit<CsvSource, 'peek'> {
  const { name } = decoded
  const scan = (read: ReadBytes, from: SourcePosition): AsyncGenerator<RecordTable> =>
    scanRecords(explainFailures(read, name), {
      delimiter: dialect.delimiter,
      columns: header.length,
      offset: from.offset,
      line: from.line,
      transcoded: dialect.encoding !== 'utf-8',
    })
  return {
    name,
    dialect,
    header,
    start,
    kept: decoded.kept,
    size: decoded.size,
    bytesRead: () => decoded.bytesRead(),
    records: (from = start) => scan(decoded.readOn(from.offset), from),
    reread: (from, to) => scan(decoded.readAgain(from.offset, to.offset), from),
    rereadBytes: (from, to) => explainFailures(decoded.readAgain(from.offset, to.offset), name),
    release: (upTo) => decoded.release(upTo.offset),
    flush: () => decoded.flush(),
    changed: () => decoded.changed(),
    close: () => decoded.close(),
  }
}

function explainFailures(read: ReadBytes, name: string): ReadBytes {
  return async (target, at) => {
    try {
      return await read(target, at)
    } catch (error) {
      throw error instanceof ExpectedError ? error : unreadableInput(name, error)
    }
  }
}
