import { ExpectedError } from '../errors.ts'
import type { ReadBytes } from './byte-readers.ts'
import type { CsvInput } from './decoded-input.ts'
import { detectDialect } from './dialect.ts'
import { emptyFile, readHeader } from './header.ts'
import { unreadableInput } from './input-file.ts'
import { openDecodedInput } from './open-input.ts'
import { peekSize } from './peek-size.ts'
import type { CsvSource, RecordBlock, SourcePosition } from './records.ts'
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
    const scan = (read: ReadBytes, from: SourcePosition): AsyncGenerator<RecordBlock> =>
      scanRecords(explainFailures(read, name), {
        delimiter: dialect.delimiter,
        columns: header.names.length,
        offset: from.offset,
        line: from.line,
        transcoded: encoding.name !== 'utf-8',
      })
    return {
      name,
      dialect,
      header: header.names,
      size: decoded.size,
      peek: () => (complete ? peekSize(sample, header.next, dialect.delimiter) : 'more'),
      bytesRead: () => decoded.bytesRead(),
      records: () => scan(decoded.readOn(header.next.offset), header.next),
      reread: (from, to) => scan(decoded.readAgain(from.offset, to.offset), from),
      rereadBytes: (from, to) => explainFailures(decoded.readAgain(from.offset, to.offset), name),
      release: (upTo) => decoded.release(upTo.offset),
      changed: () => decoded.changed(),
      close: () => decoded.close(),
    }
  } catch (error) {
    await decoded.close()
    throw error
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
