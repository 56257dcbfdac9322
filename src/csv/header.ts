import { isUtf8 } from 'node:buffer'
import { UsageError } from '../errors.ts'
import { recordCells } from './cells.ts'
import { RecordTable } from './record-table.ts'
import { type Dialect, recordFault, type SourcePosition } from './records.ts'
import { type ScanRules, scanBlock } from './scan-block.ts'

export interface Header {
  readonly names: readonly string[]
  /** Where the first record begins. */
  readonly next: SourcePosition
}

/**
 * The first record of a file as the names of its columns.
 *
 * @param text the first bytes of the decoded file, without byte order mark; the header must be whole in them
 * @param complete whether that is the whole file
 * @param name of the input, for messages
 * @throws UsageError `EMPTY_FILE` without a header; `BAD_HEADER` for one that is cut, has broken quotes or bytes that are
 * no text, or names that are empty or stand there twice
 */
export function readHeader(text: Buffer, complete: boolean, dialect: Dialect, name: string): Header {
  return RecordTable.holding(text, 0, (table) => {
    scanBlock(table, rulesFor(dialect, text), 1, text.length, complete)
    return readNames(table, text, complete, dialect, name)
  })
}

function readNames(table: RecordTable, text: Buffer, complete: boolean, dialect: Dialect, name: string): Header {
  if (table.count === 0) {
    if (complete) throw emptyFile(name)
    throw badHeader(
      `the first ${text.length} bytes of ${name} hold no whole header`,
      'is this a CSV file? does the header lack a closing quote?',
    )
  }
  if (table.fault[0] === recordFault.quote) {
    throw badHeader(
      `the header of ${name} has a quote that is not closed`,
      'write each name with both quotes, or with none',
    )
  }
  const headerEnd = table.recordEnd[0]!
  if (/^"?sep=.?"?$/i.test(text.toString('utf8', 0, Math.min(headerEnd, 16)))) {
    throw badHeader(
      `${name} begins with a line "sep=", which is for Excel alone, and not with its header`,
      'take that line off: the delimiter is found without it',
    )
  }
  const names = recordCells(table, 0)
  const isTranscoded = dialect.encoding !== 'utf-8'
  if (isTranscoded ? names.some((column) => column.includes('\ufffd')) : !isUtf8(text.subarray(0, headerEnd))) {
    throw badHeader(
      `the header of ${name} holds bytes that are no ${dialect.encoding}`,
      'name the file’s encoding with --encoding',
    )
  }
  checkNames(names, name)
  return { names, next: positionAfter(text, headerEnd, dialect) }
}

/** Thrown for an input without a header. */
export function emptyFile(name: string): UsageError {
  return new UsageError(`${name} is empty: it has not even a header`, {
    code: 'EMPTY_FILE',
    hint: 'the first line must name the columns; was the file written completely?',
  })
}

function checkNames(names: readonly string[], name: string): void {
  const empty = names.flatMap((column, index) => (column.trim() === '' ? [index + 1] : []))
  if (empty.length > 0) {
    const columns = `column${empty.length === 1 ? '' : 's'} ${empty.join(', ')} of ${names.length}`
    throw badHeader(`the header of ${name} has no name for ${columns}`, nameHint(empty, names.length))
  }
  const twice = names.filter((column, index) => names.indexOf(column) === index && names.lastIndexOf(column) > index)
  if (twice.length > 0) {
    throw badHeader(
      `the header of ${name} names more than one column ${twice.join(', ')}`,
      'give each column its own name',
    )
  }
}

/** `empty`: places of the columns without a name, from 1. */
function nameHint(empty: readonly number[], columns: number): string {
  if (empty.length > 1 && empty.length * 2 >= columns) {
    return 'the first line must name the columns: does a title stand above them?'
  }
  const atEnd = empty.every((place, index) => place === columns - empty.length + index + 1)
  return atEnd
    ? 'the header ends with a delimiter: take it off, in the rows, too, or name the column'
    : 'name every column'
}

function badHeader(message: string, hint: string): UsageError {
  return new UsageError(message, { code: 'BAD_HEADER', hint })
}

/** Scans the header alone once more, for the number of lines that it takes. */
function positionAfter(text: Buffer, headerEnd: number, dialect: Dialect): SourcePosition {
  const isCrLf = text[headerEnd] === 0x0d && text[headerEnd + 1] === 0x0a
  const end = Math.min(headerEnd + (isCrLf ? 2 : 1), text.length)
  const { line } = RecordTable.holding(text.subarray(0, end), 0, (table) =>
    scanBlock(table, rulesFor(dialect, text), 1, end, true),
  )
  return { offset: end, line }
}

function rulesFor({ delimiter }: Dialect, text: Buffer): ScanRules {
  return { delimiter, columns: undefined, maxRecordBytes: text.length }
}
