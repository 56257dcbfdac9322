// Finds records whose quotes leave no doubt, 64 bytes at a time: whether a byte lies within quotes is the parity of the
// quotes before it, so the borders outside of quotes are the bits of a word, and hardly a byte is looked at by itself.
//
// Beside a walk from mark to mark (that of scan.ts for all records) finding the borders takes a third of the processor time:
// 3 ns for a cell of accounts (bench/accounts.ts) and of result files, all of whose cells are quoted, and not 9; 1.2 ns for
// an empty one of 80, and not 7. Marking the bytes comes on top, with 0.1 ns for each.
import { anyMark, carriageReturn, lineEndMark, lineFeed, markBytes, quoteMark } from './marks'
import * as memory from './memory'
import * as records from './records'

/**
 * Adds the records from `records.scanned` on, up to the first that is left to the walk of scan.ts: one that has a quote where
 * parity may be wrong, one that is too long, or the one that the block ends in.
 *
 * Parity is right as long as each quote that opens stands behind a border or another quote, and each that closes in front of
 * one: then a cell that is not quoted holds no quotes, and two quotes that touch are a doubled one.
 */
export function scanSound(columns: i32, maxRecordBytes: i32, end: i32, atEnd: bool): void {
  if (!records.passEmptyLines(end, atEnd)) return
  let start = records.scanned
  let cell = records.firstCellOfNext()
  store<i32>(memory.cellStart + ((<usize>cell) << 2), start)
  // Of the word before: all bits when it ended inside of quotes, and its last bit in the place of the first.
  let insideBefore: u64 = 0
  let markBefore: u64 = (<u64>1) << (<u64>start & 63)
  let closingBefore: u64 = 0
  let lineEndBefore: u64 = 0
  // Of the record that is being found.
  let quotesBefore: u64 = 0
  let lines = 1
  let traits: u8 = 0
  let looked: u64 = ~(<u64>0) << (<u64>start & 63)
  let word = memory.marks + <usize>(start >> 6) * markBytes

  for (let base = start & ~63; base < end; base += 64) {
    const any = load<u64>(word, anyMark) & looked
    let quotes = load<u64>(word, quoteMark) & looked
    const lineEnds = load<u64>(word, lineEndMark) & looked
    looked = ~(<u64>0)
    word += markBytes
    let borders = any
    let ends = lineEnds
    let embedded: u64 = 0
    let doubtful: u64 = 0
    if ((quotes | insideBefore | closingBefore) !== 0) {
      const inside = parity(quotes) ^ insideBefore
      insideBefore = <u64>(<i64>inside >> 63)
      const closing = quotes & ~inside
      doubtful = (quotes & inside & ~((any << 1) | markBefore)) | (((closing << 1) | closingBefore) & ~any)
      closingBefore = closing >> 63
      borders &= ~(quotes | inside)
      embedded = lineEnds & inside & ~quotes
      ends &= borders
      if (doubtful !== 0) {
        borders &= below(doubtful)
        ends &= below(doubtful)
      }
    }
    markBefore = any >> 63
    // The LF of a CRLF and the ends of empty lines are no ends of cells.
    const further = ends & ((ends << 1) | lineEndBefore)
    lineEndBefore = ends >> 63
    borders ^= further
    ends ^= further

    listCells(borders, base, cell)
    const cellsBefore = cell
    while (ends !== 0) {
      const recordEnd = base + <i32>ctz(ends)
      const before = below(ends)
      const lineEnd = records.lineEndLength(recordEnd, end, atEnd)
      if (lineEnd === 0 || recordEnd - start > maxRecordBytes) return
      if ((quotesBefore | (quotes & before)) !== 0) traits |= records.quotedTrait
      if ((embedded & before) !== 0) {
        lines += countLineEnds(embedded & before, base)
        if (holdsCarriageReturn(embedded & before, base)) traits |= records.carriageReturnTrait
        embedded &= ~before
      }
      cell = cellsBefore + <i32>popcnt(borders & before) + 1
      records.addRecord(recordEnd, lineEnd, cell, columns, lines, 0, traits)
      if (!records.passEmptyLines(end, atEnd)) return
      start = records.scanned
      store<i32>(memory.cellStart + ((<usize>cell) << 2), start)
      quotes &= ~before
      quotesBefore = 0
      traits = 0
      lines = 1
      ends &= ends - 1
    }
    if (doubtful !== 0) return
    cell = cellsBefore + <i32>popcnt(borders)
    quotesBefore |= quotes
    if (embedded !== 0) {
      lines += countLineEnds(embedded, base)
      if (holdsCarriageReturn(embedded, base)) traits |= records.carriageReturnTrait
    }
  }
}

/** Bits that have an odd number of quotes up to and with their place. */
function parity(quotes: u64): u64 {
  let bits = quotes
  bits ^= bits << 1
  bits ^= bits << 2
  bits ^= bits << 4
  bits ^= bits << 8
  bits ^= bits << 16
  return bits ^ (bits << 32)
}

/** The places before the first of these. */
function below(bits: u64): u64 {
  return (bits & (0 - bits)) - 1
}

/**
 * Ends the cells from `cell` on at these borders, and begins another behind each. They are written six at a time, so that the
 * processor need not guess how many there are; those that are too many are written over by the cells that follow.
 */
function listCells(borders: u64, base: i32, cell: i32): void {
  let starts = memory.cellStart + ((<usize>cell) << 2)
  let ends = memory.cellEnd + ((<usize>cell) << 2)
  while (borders !== 0) {
    borders = listCell(borders, base, starts, ends)
    borders = listCell(borders, base, starts + 4, ends + 4)
    borders = listCell(borders, base, starts + 8, ends + 8)
    borders = listCell(borders, base, starts + 12, ends + 12)
    borders = listCell(borders, base, starts + 16, ends + 16)
    borders = listCell(borders, base, starts + 20, ends + 20)
    starts += 24
    ends += 24
  }
}

function listCell(borders: u64, base: i32, startBefore: usize, end: usize): u64 {
  const at = base + <i32>ctz(borders)
  store<i32>(end, at)
  store<i32>(startBefore, at + 1, 4)
  return borders & (borders - 1)
}

function countLineEnds(bits: u64, base: i32): i32 {
  let lines = 0
  for (; bits !== 0; bits &= bits - 1) {
    const at = memory.bytes + base + <i32>ctz(bits)
    if (load<u8>(at) === lineFeed || load<u8>(at, 1) !== lineFeed) lines++
  }
  return lines
}

function holdsCarriageReturn(bits: u64, base: i32): bool {
  for (; bits !== 0; bits &= bits - 1)
    if (load<u8>(memory.bytes + base + <i32>ctz(bits)) === carriageReturn) return true
  return false
}
