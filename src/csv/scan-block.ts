import type { RecordTable } from './record-table.ts'

/** What the scanner must know of a file. */
export interface ScanRules {
  /** One ASCII character. */
  readonly delimiter: string
  /** Number of cells a record must have; `undefined` takes any. */
  readonly columns: number | undefined
  /** A quote that is not closed within so many bytes of its record's start is held to be unclosed. */
  readonly maxRecordBytes: number
}

/** How far a block was understood: the rest, from `scanned` on, is the beginning of a record that needs more bytes. */
export interface Scanned {
  readonly scanned: number
  /** Line of the record that follows. */
  readonly line: number
}

/**
 * Fills the table with the records in its first `end` bytes. Borders, lines, traits and the faults `quote` and
 * `ragged` are found (`assembly/scan.ts`); what needs a look at characters is left to the caller.
 *
 * The same records come out wherever the blocks of a file are cut: whatever hangs on a byte that is not there yet (the
 * LF of a CRLF, what follows a quote, the end of a line) waits for it, unless `atEnd` says that none will come.
 */
export function scanBlock(table: RecordTable, rules: ScanRules, line: number, end: number, atEnd: boolean): Scanned {
  const { kernel } = table
  const delimiter = rules.delimiter.charCodeAt(0)
  table.count = kernel.scan(delimiter, rules.columns ?? -1, rules.maxRecordBytes, line, end, atEnd ? 1 : 0)
  return { scanned: kernel.scanned.value, line: kernel.lineAfter.value }
}
