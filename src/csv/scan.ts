import { isUtf8 } from 'node:buffer'
import { UsageError } from '../errors.ts'
import type { ReadBytes } from './byte-readers.ts'
import { RecordTable } from './record-table.ts'
import { recordFault } from './records.ts'
import { type ScanRules, scanBlock } from './scan-block.ts'

export interface ScanOptions {
  /** One ASCII character. */
  readonly delimiter: string
  /** Number of cells of a sound record (the header's); left out, no record is ragged. */
  readonly columns?: number | undefined
  /** Where the first byte stands in the decoded file, and its line. Default: the beginning, line 1. */
  readonly offset?: number
  readonly line?: number
  /** The bytes were transcoded, so U+FFFD stands for bytes that were no characters. */
  readonly transcoded?: boolean
  /** The bytes come from the service, whose text is sound: nobody looks at it. */
  readonly fromService?: boolean
  /** Bytes of a block. Default 512 KiB: smaller reads cost speed, larger ones memory. */
  readonly blockBytes?: number
  /** How far a closing quote is looked for, from the beginning of its record. */
  readonly maxRecordBytes?: number
  /** The longest line that memory is spent on. */
  readonly maxLineBytes?: number
}

const mebibyte = 1024 * 1024

const defaultBlockBytes = mebibyte / 2

/** Salesforce's limit for a record, in characters. */
const maxRecordCharacters = 400_000

/** No record that Salesforce takes is longer (four bytes a character and some quotes): what is, lacks a quote. */
const defaultMaxRecordBytes = 2 * mebibyte

/** A line of this length is no row: the file has no line ends, or is no text. */
const defaultMaxLineBytes = 32 * mebibyte

/**
 * The records of a UTF-8 byte stream, block by block, as offsets. Empty lines are skipped (and counted as lines); every
 * other byte of the input belongs to a record or to the line end behind one. Nothing that the bytes hold makes it throw
 * but a line of more than 32 MiB (`UsageError` with code `LINE_TOO_LONG`); a failure to read is thrown after the records
 * before it.
 *
 * Written by hand because a load copies most cells unread, and csv-parse makes a string of each: on 200 MB (12 columns,
 * one cell in 20 quoted) this takes a sixth of the processor time of csv-parse 7 (`data` event, arrays), start of the
 * process included, and peaks at 57 MB instead of 123. `bench/scanner.ts` measures it; csv-parse is the oracle in the tests.
 */
export async function* scanRecords(read: ReadBytes, options: ScanOptions): AsyncGenerator<RecordTable> {
  const blockBytes = options.blockBytes ?? defaultBlockBytes
  const maxLineBytes = options.maxLineBytes ?? defaultMaxLineBytes
  const rules: ScanRules = {
    delimiter: options.delimiter,
    columns: options.columns,
    maxRecordBytes: options.maxRecordBytes ?? defaultMaxRecordBytes,
  }
  const table = RecordTable.lend(blockBytes, options.offset ?? 0)
  let line = options.line ?? 1
  let kept = 0
  try {
    for (;;) {
      const { end, state } = await fill(read, table.bytes, kept)
      const scan = scanBlock(table, rules, line, end, state === 'ended')
      if (table.count > 0) {
        if (options.fromService !== true) markFaultyText(table, options.transcoded === true)
        yield table
      }
      if (state === 'ended') return
      if (state !== 'full') throw state.failure
      line = scan.line
      kept = end - scan.scanned
      if (kept > maxLineBytes) throw tooLong(line, maxLineBytes)
      const size = table.bytes.length
      // Doubled, so that the beginning of a long record is not looked at more than a few times.
      table.carryOver(scan.scanned, end, kept > size / 2 ? size * 2 : size)
    }
  } finally {
    table.giveBack()
  }
}

type FillState = 'full' | 'ended' | { readonly failure: unknown }

async function fill(read: ReadBytes, bytes: Buffer, kept: number): Promise<{ end: number; state: FillState }> {
  let end = kept
  try {
    while (end < bytes.length) {
      const count = await read(bytes, end)
      if (count === 0) return { end, state: 'ended' }
      end += count
    }
  } catch (failure) {
    return { end, state: { failure } }
  }
  return { end, state: 'full' }
}

/** Marks records that are too long or hold what is no text, where nothing worse is known of them. */
function markFaultyText(table: RecordTable, transcoded: boolean): void {
  const { bytes, count, recordStart, recordEnd, fault } = table
  const from = recordStart[0]!
  const all = bytes.subarray(from, recordEnd[count - 1]!)
  const allSound = isSound(all, transcoded)
  const anyLong = all.length > maxRecordCharacters
  if (allSound && !anyLong) return
  for (let record = 0; record < count; record++) {
    if (fault[record] === recordFault.quote) continue
    const start = recordStart[record]!
    const end = recordEnd[record]!
    if (!allSound && !isSound(bytes.subarray(start, end), transcoded)) fault[record] = recordFault.encoding
    else if (end - start > maxRecordCharacters && bytes.toString('utf8', start, end).length > maxRecordCharacters) {
      fault[record] = recordFault.length
    }
  }
}

const replacementCharacter = Buffer.from('\ufffd')

function isSound(bytes: Buffer, transcoded: boolean): boolean {
  return transcoded ? !bytes.includes(replacementCharacter) : isUtf8(bytes)
}

function tooLong(line: number, maxLineBytes: number): UsageError {
  return new UsageError(`line ${line} is longer than ${Math.floor(maxLineBytes / mebibyte)} MiB`, {
    code: 'LINE_TOO_LONG',
    hint: 'is this a CSV file? a row has at most 400,000 characters and ends with a line end',
  })
}
