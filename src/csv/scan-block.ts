import type { RecordTable } from './record-table.ts'
import { recordFault, recordTrait } from './records.ts'

/** What the scanner must know of a file. Made by `scanRules`. */
export interface ScanRules {
  readonly delimiter: number
  /** What each of the 256 bytes is to the scanner. */
  readonly kindOf: Uint8Array
  /** Number of cells a record must have; `undefined` takes any. */
  readonly columns: number | undefined
  /** A quote that is not closed within so many bytes of its record's start is held to be unclosed. */
  readonly maxRecordBytes: number
}

const quote = 0x22
const lineFeed = 0x0a
const carriageReturn = 0x0d

const plainKind = 0
const delimiterKind = 1
const lineEndKind = 2
const quoteKind = 3

/** Bytes looked at one by one before a native search is worth its call: short cells are the rule. */
const nearBytes = 24

/** @param delimiter one ASCII character */
export function scanRules(delimiter: string, columns: number | undefined, maxRecordBytes: number): ScanRules {
  const kindOf = new Uint8Array(256)
  kindOf[delimiter.charCodeAt(0)] = delimiterKind
  kindOf[lineFeed] = lineEndKind
  kindOf[carriageReturn] = lineEndKind
  kindOf[quote] = quoteKind
  return { delimiter: delimiter.charCodeAt(0), kindOf, columns, maxRecordBytes }
}

/** How far a block was understood: the rest, from `scanned` on, is the beginning of a record that needs more bytes. */
export interface Scanned {
  readonly scanned: number
  /** Line of the record that follows. */
  readonly line: number
}

/**
 * Fills the table with the records in its first `end` bytes. Borders, lines, traits and the faults `quote` and
 * `ragged` are found; what needs a look at characters is left to the caller.
 *
 * The same records come out wherever the blocks of a file are cut: whatever hangs on a byte that is not there yet (the
 * LF of a CRLF, what follows a quote, the end of a line) waits for it, unless `atEnd` says that none will come.
 *
 * One long function on purpose: its state is a dozen local numbers, and passing them on would cost more than the work.
 */
export function scanBlock(table: RecordTable, rules: ScanRules, line: number, end: number, atEnd: boolean): Scanned {
  const { delimiter, kindOf, columns, maxRecordBytes } = rules
  const bytes = table.bytes
  const text = bytes.subarray(0, end)
  let { cellStart, cellEnd } = table
  let cell = 0
  let record = 0
  let start = 0
  // Where the next one of each stands, as far as it is known: valid while not behind the place looked at.
  let nextDelimiter = -1
  let nextLineFeed = -1
  let nextCarriageReturn = -1
  let nextQuote = -1

  records: while (start < end) {
    if (kindOf[bytes[start]!] === lineEndKind) {
      const length = lineEndLength(bytes, start, end, atEnd)
      if (length === 0) break
      start += length
      line++
      continue
    }
    const knownDelimiter = nextDelimiter
    const knownLineFeed = nextLineFeed
    const knownCarriageReturn = nextCarriageReturn
    const firstCell = cell
    let traits = 0
    let fault: number = recordFault.none
    let lines = 1
    let pos = start
    let recordEnd: number

    for (;;) {
      let at = pos
      let kind = plainKind
      if (at < end && bytes[at] === quote) {
        traits |= recordTrait.quoted
        let holdsLineEnd = false
        at++
        for (;;) {
          const near = Math.min(at + nearBytes, end)
          for (; at < near; at++) {
            const byte = bytes[at]!
            if (byte > quote) continue
            if (byte === quote) break
            if (byte === lineFeed || byte === carriageReturn) holdsLineEnd = true
          }
          if (at === near && at < end) {
            if (nextQuote < at) nextQuote = find(text, quote, at)
            if (nextLineFeed < at) nextLineFeed = find(text, lineFeed, at)
            if (nextCarriageReturn < at) nextCarriageReturn = find(text, carriageReturn, at)
            if (nextLineFeed < nextQuote || nextCarriageReturn < nextQuote) holdsLineEnd = true
            at = nextQuote
          }
          if (at - start > maxRecordBytes) {
            fault = recordFault.quote
            break
          }
          if (at === end) {
            if (!atEnd) break records
            fault = recordFault.quote
            break
          }
          at++
          if (at === end) {
            if (!atEnd) break records
            break
          }
          kind = kindOf[bytes[at]!]!
          if (kind === quoteKind) {
            at++
            continue
          }
          if (kind === plainKind) fault = recordFault.quote
          break
        }
        if (fault === recordFault.quote) {
          nextDelimiter = knownDelimiter >= start ? knownDelimiter : find(text, delimiter, start)
          nextLineFeed = knownLineFeed >= start ? knownLineFeed : find(text, lineFeed, start)
          nextCarriageReturn = knownCarriageReturn >= start ? knownCarriageReturn : find(text, carriageReturn, start)
          nextQuote = -1
          recordEnd = Math.min(nextLineFeed, nextCarriageReturn)
          if (recordEnd === end && !atEnd) break records
          traits = recordTrait.looseQuote
          lines = 1
          cell = splitAtDelimiters(table, delimiter, start, recordEnd, firstCell)
          cellStart = table.cellStart
          cellEnd = table.cellEnd
          break
        }
        if (holdsLineEnd) {
          const inside = countLineEnds(bytes, pos, at)
          lines += inside.lines
          if (inside.carriageReturn) traits |= recordTrait.carriageReturn
        }
      } else {
        const near = Math.min(at + nearBytes, end)
        for (; at < near; at++) {
          kind = kindOf[bytes[at]!]!
          if (kind === plainKind) continue
          if (kind !== quoteKind) break
          traits |= recordTrait.looseQuote
        }
        if (at === near && at < end) {
          if (nextDelimiter < at) nextDelimiter = find(text, delimiter, at)
          if (nextLineFeed < at) nextLineFeed = find(text, lineFeed, at)
          if (nextCarriageReturn < at) nextCarriageReturn = find(text, carriageReturn, at)
          if (nextQuote < at) nextQuote = find(text, quote, at)
          const border = Math.min(nextDelimiter, nextLineFeed, nextCarriageReturn)
          if (nextQuote < border) traits |= recordTrait.looseQuote
          kind = border === nextDelimiter ? delimiterKind : lineEndKind
          at = border
        }
      }

      if (at === end && !atEnd) break records
      if (cell === cellStart.length) {
        table.growCells()
        cellStart = table.cellStart
        cellEnd = table.cellEnd
      }
      cellStart[cell] = pos
      cellEnd[cell] = at
      cell++
      if (at === end || kind === lineEndKind) {
        recordEnd = at
        break
      }
      pos = at + 1
    }

    const lineEnd = recordEnd === end ? 0 : lineEndLength(bytes, recordEnd, end, atEnd)
    if (lineEnd === 0 && !atEnd) break
    if (fault === recordFault.none && columns !== undefined && cell - firstCell !== columns) fault = recordFault.ragged
    if (record === table.recordStart.length) table.growRecords()
    table.firstCell[record] = firstCell
    table.recordStart[record] = start
    table.recordEnd[record] = recordEnd
    table.line[record] = line
    table.fault[record] = fault
    table.traits[record] = traits
    record++
    line += lines
    start = recordEnd + lineEnd
    table.firstCell[record] = cell
  }
  table.count = record
  return { scanned: start, line }
}

/** Position of the next such byte at or after `from`, or the end. */
function find(text: Buffer, byte: number, from: number): number {
  const at = text.indexOf(byte, from)
  return at === -1 ? text.length : at
}

/** 1 for LF and CR, 2 for CRLF; 0 when the byte that decides has not been read yet. */
function lineEndLength(bytes: Buffer, at: number, end: number, atEnd: boolean): number {
  if (bytes[at] === lineFeed) return 1
  if (at + 1 < end) return bytes[at + 1] === lineFeed ? 2 : 1
  return atEnd ? 1 : 0
}

function countLineEnds(bytes: Buffer, from: number, to: number): { lines: number; carriageReturn: boolean } {
  let lines = 0
  let returns = 0
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === lineFeed) lines++
    else if (byte === carriageReturn) {
      returns++
      if (bytes[at + 1] !== lineFeed) lines++
    }
  }
  return { lines, carriageReturn: returns > 0 }
}

/** Cells of a line whose quotes are not to be trusted: quotes are text. Returns the number of the next free cell. */
function splitAtDelimiters(table: RecordTable, delimiter: number, from: number, to: number, firstCell: number): number {
  let cell = firstCell
  let pos = from
  for (let at = from; at <= to; at++) {
    if (at < to && table.bytes[at] !== delimiter) continue
    if (cell === table.cellStart.length) table.growCells()
    table.cellStart[cell] = pos
    table.cellEnd[cell] = at
    cell++
    pos = at + 1
  }
  return cell
}
