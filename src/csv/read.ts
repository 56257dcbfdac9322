import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { CsvError, parse } from 'csv-parse/sync'
import { UsageError } from '../errors.ts'
import { detectDialect } from './dialect.ts'
import { chooseEncoding } from './encoding.ts'
import { refuseOtherKinds } from './file-kinds.ts'
import { emptyFile, readHeader } from './header.ts'
import { unreadableInput } from './input-file.ts'
import { decodeText } from './transcode.ts'

export interface SmallCsv {
  readonly header: readonly string[]
  /** As many cells each as the header has names. */
  readonly rows: readonly (readonly string[])[]
}

export interface SmallCsvOptions {
  readonly delimiter?: string | undefined
  readonly encoding?: string | undefined
}

/**
 * Reads a CSV file whole, such as a lookup: delimiter and encoding are found as for an input, `.gz` is unpacked. Unlike
 * an input it must be sound from end to end, as there is nowhere to put a row that is not.
 *
 * Throws `UsageError`: the codes of `openCsvSource`, and `BAD_CSV` with the line of the first row that is not sound.
 */
export async function readSmallCsv(path: string, options: SmallCsvOptions = {}): Promise<SmallCsv> {
  const stored = await readStored(path)
  refuseOtherKinds(stored, path)
  const encoding = chooseEncoding(stored, options.encoding, path)
  const decoded = decodeText(stored.subarray(encoding.bomBytes), encoding.name)
  if (decoded === undefined) {
    throw new UsageError(`${path} holds bytes that are no ${encoding.name}`, {
      code: 'BAD_CSV',
      hint: 'save the file as UTF-8',
    })
  }
  const text = Buffer.from(decoded)
  if (text.length === 0) throw emptyFile(path)
  const dialect = detectDialect(text, true, encoding, options.delimiter)
  const header = readHeader(text, true, dialect, path)
  return { header: header.names, rows: parseRows(text, dialect.delimiter, path).slice(1) }
}

async function readStored(path: string): Promise<Buffer> {
  let stored: Buffer
  try {
    stored = await readFile(path)
  } catch (error) {
    throw unreadableInput(path, error)
  }
  if (!path.toLowerCase().endsWith('.gz') || stored.length === 0) return stored
  try {
    return gunzipSync(stored)
  } catch (cause) {
    throw new UsageError(`${path} is no sound gzip file`, {
      code: 'BAD_GZIP',
      hint: `test it with gunzip -t ${path}`,
      cause,
    })
  }
}

function parseRows(text: Buffer, delimiter: string, path: string): string[][] {
  try {
    return parse(text, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      relax_quotes: true,
    })
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause
    throw new UsageError(`${path}: ${cause.message}`, {
      code: 'BAD_CSV',
      hint: 'correct that line',
      cause,
    })
  }
}
