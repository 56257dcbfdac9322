// Finds the records of a block. The rules are those that src/csv/scan.ts tells.
import { forgetMade } from './make'
import { anyMark, carriageReturn, lineEndMark, lineFeed, mark, next, quote, quoteMark } from './marks'
import * as memory from './memory'
import * as records from './records'
import { scanSound } from './scan-sound'

/**
 * Doubtful records that are walked through before sound ones are looked for again: more and more of them as long as none is
 * found, for in files with a loose quote in each row the search would be in vain.
 */
const mostAtOnce = 64

/**
 * Fills the tables with the records in the first `end` bytes and returns their number. First a pass of vectors marks the
 * bytes that may mean something. Then the records whose quotes leave no doubt are found a word of marks at a time; a walk
 * from mark to mark finds the borders of each of the others.
 *
 * The same records come out wherever the blocks of a file are cut: whatever hangs on a byte that is not there yet (the
 * LF of a CRLF, what follows a quote, the end of a line) waits for it, unless `atEnd` says that none will come.
 *
 * `columns`: cells of a sound record; below 0 any number is sound.
 */
export function scan(delimiter: u8, columns: i32, maxRecordBytes: i32, firstLine: f64, end: i32, atEnd: bool): i32 {
  forgetMade()
  mark(end, delimiter)
  records.beginTable(firstLine)
  let atOnce = 1
  do {
    const before = records.found
    scanSound(columns, maxRecordBytes, end, atEnd)
    atOnce = records.found > before ? 1 : min(2 * atOnce, mostAtOnce)
  } while (addDoubtful(atOnce, delimiter, columns, maxRecordBytes, end, atEnd))
  return records.found
}

/** Adds so many records; false when there are no more, or when what follows hangs on bytes that have not been read yet. */
function addDoubtful(count: i32, delimiter: u8, columns: i32, maxRecordBytes: i32, end: i32, atEnd: bool): bool {
  for (let left = count; left > 0; left--) {
    if (!records.passEmptyLines(end, atEnd)) return false
    if (!walk(delimiter, columns, maxRecordBytes, end, atEnd)) return false
  }
  return true
}

/** Adds one record, whatever its quotes; false when what it is hangs on bytes that have not been read yet. */
function walk(delimiter: u8, columns: i32, maxRecordBytes: i32, end: i32, atEnd: bool): bool {
  const bytes = memory.bytes
  const start = records.scanned
  const firstCell = records.firstCellOfNext()
  let cell = firstCell
  let traits: u8 = 0
  let fault: u8 = 0
  let lines = 1
  let pos = start
  let recordEnd = 0
  let nextLineEnd = -1

  for (;;) {
    let at = pos
    if (pos < end && load<u8>(bytes + pos) === quote) {
      traits |= records.quotedTrait
      let from = pos + 1
      for (;;) {
        at = next(quoteMark, from)
        if (at - start > maxRecordBytes) {
          fault = records.quoteFault
          break
        }
        if (at === end) {
          if (!atEnd) return false
          fault = records.quoteFault
          break
        }
        at++
        if (at === end) break
        const after = load<u8>(bytes + at)
        if (after === delimiter) break
        if (after === quote) {
          from = at + 1
          continue
        }
        if (after !== lineFeed && after !== carriageReturn) fault = records.quoteFault
        break
      }
      if (fault === records.quoteFault) {
        recordEnd = next(lineEndMark, start)
        if (recordEnd === end && !atEnd) return false
        traits = records.looseQuoteTrait
        lines = 1
        cell = splitAtDelimiters(delimiter, start, recordEnd, firstCell)
        break
      }
      if (nextLineEnd < pos) nextLineEnd = next(lineEndMark, pos)
      if (nextLineEnd < at) {
        lines += countLineEnds(pos, at)
        if (holdsCarriageReturn(pos, at)) traits |= records.carriageReturnTrait
      }
    } else {
      at = next(anyMark, pos)
      while (at < end && load<u8>(bytes + at) === quote) {
        traits |= records.looseQuoteTrait
        at = next(anyMark, at + 1)
      }
    }

    if (at === end && !atEnd) return false
    store<i32>(memory.cellStart + ((<usize>cell) << 2), pos)
    store<i32>(memory.cellEnd + ((<usize>cell) << 2), at)
    cell++
    if (at === end || load<u8>(bytes + at) !== delimiter) {
      recordEnd = at
      break
    }
    pos = at + 1
  }

  const lineEnd = recordEnd === end ? 0 : records.lineEndLength(recordEnd, end, atEnd)
  if (lineEnd === 0 && !atEnd) return false
  records.addRecord(recordEnd, lineEnd, cell, columns, lines, fault, traits)
  return true
}

function countLineEnds(from: i32, to: i32): i32 {
  let lines = 0
  for (let at = memory.bytes + from; at < memory.bytes + to; at++) {
    const byte = load<u8>(at)
    if (byte === lineFeed || (byte === carriageReturn && load<u8>(at + 1) !== lineFeed)) lines++
  }
  return lines
}

function holdsCarriageReturn(from: i32, to: i32): bool {
  for (let at = memory.bytes + from; at < memory.bytes + to; at++) if (load<u8>(at) === carriageReturn) return true
  return false
}

/** Cells of a line whose quotes are not to be trusted: quotes are text. Returns the number of the next free cell. */
function splitAtDelimiters(delimiter: u8, from: i32, to: i32, firstCell: i32): i32 {
  let cell = firstCell
  let pos = from
  for (let at = from; at <= to; at++) {
    if (at < to && load<u8>(memory.bytes + at) !== delimiter) continue
    store<i32>(memory.cellStart + ((<usize>cell) << 2), pos)
    store<i32>(memory.cellEnd + ((<usize>cell) << 2), at)
    cell++
    pos = at + 1
  }
  return cell
}
