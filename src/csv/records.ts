import type { ReadBytes } from './byte-readers.ts'
import type { RecordTable } from './record-table.ts'

/** How a CSV file is written. */
export interface Dialect {
  /** One ASCII byte: `,` `;` tab `|` `^` or backquote. */
  readonly delimiter: string
  /** The line ending that the first line has; results are written with it. */
  readonly lineEnding: '\n' | '\r\n' | '\r'
  /** Whether the file began with a byte order mark; results then begin with one, too. */
  readonly bom: boolean
  /** WHATWG name of the encoding that the file is in. Everything below `csv/` is UTF-8 already. */
  readonly encoding: string
}

/** What is wrong with one record, found while its borders were looked for. */
export const recordFault = {
  none: 0,
  /** A quote was opened and never closed, or closed in the middle of a cell: the record is its first line alone. */
  quote: 1,
  /** Bytes that are no characters in the file's encoding. */
  encoding: 2,
  /** More or fewer cells than the header. */
  ragged: 3,
  /** Longer than Salesforce takes (400,000 characters a record). */
  length: 4,
} as const

/** Bits of `RecordBlock.traits`: what a reader must know before it copies a record's bytes as they stand. */
export const recordTrait = {
  /** A cell of the record is quoted. */
  quoted: 1,
  /** There is a CR or CRLF inside a cell. */
  carriageReturn: 2,
  /** A quote stands inside an unquoted cell (`5" pipe`): read as text, but it must be quoted before it is sent on. */
  looseQuote: 4,
} as const

/**
 * Records of one block of bytes, as offsets: no strings are made. Cell `i` of record `r` is
 * `bytes[cellStart[k] .. cellEnd[k])` with `k = firstCell[r] + i`, its quotes included.
 *
 * A block and its arrays are reused by the reader: they hold only until the next block is asked for.
 */
export interface RecordBlock {
  /** UTF-8. */
  readonly bytes: Buffer
  /** Number of records. */
  readonly count: number
  /** Index of each record's first cell; one more entry than there are records. */
  readonly firstCell: Int32Array
  readonly cellStart: Int32Array
  readonly cellEnd: Int32Array
  /** Where each record's bytes begin and end, without its line ending. */
  readonly recordStart: Int32Array
  readonly recordEnd: Int32Array
  /** Line of the file in which each record begins; the header is line 1. CR, LF and CRLF each count as one line. */
  readonly line: Float64Array
  /** `recordFault` of each record. */
  readonly fault: Uint8Array
  /** `recordTrait` bits of each record. */
  readonly traits: Uint8Array
  /** Where `bytes[0]` stands in the (decoded) file: `offset + recordStart[r]` is a record's place in it. */
  readonly offset: number
}

/** A place between two records of a source, from which it can be read again. */
export interface SourcePosition {
  /** Bytes of the decoded file before it. */
  readonly offset: number
  /** Line number of the record that follows. */
  readonly line: number
}

/** What is known of an input that was looked at to its end. */
export interface InputSize {
  /** Records, the header not counted. */
  readonly rows: number
  /** Bytes of the decoded text, the header included. */
  readonly bytes: number
  /** Whether it holds characters that no XML document can. */
  readonly hasControlCharacters: boolean
}

/** A CSV input of any size: a file, a gzip file or standard input. Records are streamed; ranges can be read again. */
export interface CsvSource {
  /** For messages: the path as given, or `stdin`. */
  readonly name: string
  readonly dialect: Dialect
  /** Names of the columns as text, in order, quotes taken off. */
  readonly header: readonly string[]
  /** Bytes of the input so far, as stored (compressed bytes of a gzip file); for progress. */
  bytesRead(): number
  /** Size of the input in bytes, where it is known. */
  readonly size: number | undefined
  /** The size of an input that ends within its first mebibyte, which has been read already; `more` for a larger one. */
  peek(): InputSize | 'more'
  /** Where the first record after the header begins. */
  readonly start: SourcePosition
  /** Whether it came once and is kept, so that another process can read it again. */
  readonly kept: boolean
  /**
   * The records after the header, or from a place between two of them on; once, in order. Throws `UsageError` where the
   * input cannot be read or decoded.
   */
  records(from?: SourcePosition): AsyncGenerator<RecordTable>
  /** The records between two places once more; between calls of `release` any number of times. */
  reread(from: SourcePosition, to: SourcePosition): AsyncGenerator<RecordTable>
  /** The decoded bytes between two places, on the same terms as `reread`. */
  rereadBytes(from: SourcePosition, to: SourcePosition): ReadBytes
  /** Says that nothing before this place will be read again (spooled input is deleted up to there). */
  release(upTo: SourcePosition): Promise<void>
  /** Resolves when what was read so far of an input that is kept is on disk. */
  flush(): Promise<void>
  /** Whether a file that is read in place has another size or time of change than when it was opened. */
  changed(): Promise<boolean>
  close(): Promise<void>
}
