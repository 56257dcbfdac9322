// Finds the records of a block. The rules are those that src/csv/scan.ts tells.
import { forgetMade } from './make'
import * as memory from './memory'

const quote: u8 = 0x22
const lineFeed: u8 = 0x0a
const carriageReturn: u8 = 0x0d

// As in src/csv/records.ts.
const quoteFault: u8 = 1
const raggedFault: u8 = 3
const quotedTrait: u8 = 1
const carriageReturnTrait: u8 = 2
const looseQuoteTrait: u8 = 4

// Places of the three words in `memory.marks`.
const anyMark: usize = 0
const quoteMark: usize = 8
const lineEndMark: usize = 16
const markBytes: usize = 24

/** How far the block was understood: the rest is the beginning of a record that needs more bytes. */
export let scanned: i32 = 0
/** Line of the record that follows. */
export let lineAfter: f64 = 0

/**
 * Fills the tables with the records in the first `end` bytes and returns their number. First a pass of vectors marks the
 * bytes that may mean something, then a walk from mark to mark finds the borders.
 *
 * The same records come out wherever the blocks of a file are cut: whatever hangs on a byte that is not there yet (the
 * LF of a CRLF, what follows a quote, the end of a line) waits for it, unless `atEnd` says that none will come.
 *
 * `columns`: cells of a sound record; below 0 any number is sound.
 */
export function scan(delimiter: u8, columns: i32, maxRecordBytes: i32, firstLine: f64, end: i32, atEnd: bool): i32 {
  forgetMade()
  mark(end, delimiter)
  const bytes = memory.bytes
  const cellStart = memory.cellStart
  const cellEnd = memory.cellEnd
  let line = firstLine
  let cell = 0
  let record = 0
  let start = 0
  let nextLineEnd = -1

  while (start < end) {
    const first = load<u8>(bytes + start)
    if (first === lineFeed || first === carriageReturn) {
      const length = lineEndLength(start, end, atEnd)
      if (length === 0) break
      start += length
      line++
      continue
    }
    const firstCell = cell
    let traits: u8 = 0
    let fault: u8 = 0
    let lines = 1
    let pos = start
    let recordEnd = 0
    // Whether what the record is hangs on bytes that have not been read yet.
    let isCut = false

    for (;;) {
      let at = pos
      if (pos < end && load<u8>(bytes + pos) === quote) {
        traits |= quotedTrait
        let from = pos + 1
        for (;;) {
          at = next(quoteMark, from)
          if (at - start > maxRecordBytes) {
            fault = quoteFault
            break
          }
          if (at === end) {
            fault = quoteFault
            isCut = !atEnd
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
          if (after !== lineFeed && after !== carriageReturn) fault = quoteFault
          break
        }
        if (isCut) break
        if (fault === quoteFault) {
          recordEnd = next(lineEndMark, start)
          isCut = recordEnd === end && !atEnd
          traits = looseQuoteTrait
          lines = 1
          cell = splitAtDelimiters(delimiter, start, recordEnd, firstCell)
          break
        }
        if (nextLineEnd < pos) nextLineEnd = next(lineEndMark, pos)
        if (nextLineEnd < at) {
          lines += countLineEnds(pos, at)
          if (holdsCarriageReturn(pos, at)) traits |= carriageReturnTrait
        }
      } else {
        at = next(anyMark, pos)
        while (at < end && load<u8>(bytes + at) === quote) {
          traits |= looseQuoteTrait
          at = next(anyMark, at + 1)
        }
      }

      isCut = at === end && !atEnd
      if (isCut) break
      store<i32>(cellStart + ((<usize>cell) << 2), pos)
      store<i32>(cellEnd + ((<usize>cell) << 2), at)
      cell++
      if (at === end || load<u8>(bytes + at) !== delimiter) {
        recordEnd = at
        break
      }
      pos = at + 1
    }

    if (isCut) break
    const lineEnd = recordEnd === end ? 0 : lineEndLength(recordEnd, end, atEnd)
    if (lineEnd === 0 && !atEnd) break
    if (fault === 0 && columns >= 0 && cell - firstCell !== columns) fault = raggedFault
    store<i32>(memory.firstCell + ((<usize>record) << 2), firstCell)
    store<i32>(memory.recordStart + ((<usize>record) << 2), start)
    store<i32>(memory.recordEnd + ((<usize>record) << 2), recordEnd)
    store<f64>(memory.line + ((<usize>record) << 3), line)
    store<u8>(memory.fault + record, fault)
    store<u8>(memory.traits + record, traits)
    record++
    line += lines
    start = recordEnd + lineEnd
    store<i32>(memory.firstCell + ((<usize>record) << 2), cell)
  }
  scanned = start
  lineAfter = line
  return record
}

/** Marks quotes, delimiters and line ends, 64 bytes to a word; the place behind the last byte is marked as all of them. */
function mark(end: i32, delimiter: u8): void {
  const delimiters = i8x16.splat(delimiter)
  let word = memory.marks
  for (let at = 0; at < end; at += 64) {
    const place = memory.bytes + at
    const one = v128.load(place)
    const two = v128.load(place, 16)
    const three = v128.load(place, 32)
    const four = v128.load(place, 48)
    const quotes = join(
      i8x16.eq(one, i8x16.splat(quote)),
      i8x16.eq(two, i8x16.splat(quote)),
      i8x16.eq(three, i8x16.splat(quote)),
      i8x16.eq(four, i8x16.splat(quote)),
    )
    const lineEnds = join(lineEndsIn(one), lineEndsIn(two), lineEndsIn(three), lineEndsIn(four))
    const borders = join(
      i8x16.eq(one, delimiters),
      i8x16.eq(two, delimiters),
      i8x16.eq(three, delimiters),
      i8x16.eq(four, delimiters),
    )
    store<u64>(word, quotes | lineEnds | borders, anyMark)
    store<u64>(word, quotes, quoteMark)
    store<u64>(word, lineEnds, lineEndMark)
    word += markBytes
  }
  const last = memory.marks + <usize>(end >> 6) * markBytes
  const behind: u64 = 1 << (<u64>end & 63)
  for (let kind = anyMark; kind <= lineEndMark; kind += 8) {
    const known = (end & 63) === 0 ? 0 : load<u64>(last + kind) & (behind - 1)
    store<u64>(last + kind, known | behind)
  }
}

function lineEndsIn(chunk: v128): v128 {
  return v128.or(i8x16.eq(chunk, i8x16.splat(lineFeed)), i8x16.eq(chunk, i8x16.splat(carriageReturn)))
}

function join(one: v128, two: v128, three: v128, four: v128): u64 {
  const low = <u32>i8x16.bitmask(one) | ((<u32>i8x16.bitmask(two)) << 16)
  const high = <u32>i8x16.bitmask(three) | ((<u32>i8x16.bitmask(four)) << 16)
  return <u64>low | ((<u64>high) << 32)
}

/** The next mark of a kind at or behind a place that is not behind the end; the end itself at the latest. */
function next(kind: usize, pos: i32): i32 {
  let word = memory.marks + <usize>(pos >> 6) * markBytes + kind
  let found = load<u64>(word) >> (<u64>pos & 63)
  if (found !== 0) return pos + <i32>ctz(found)
  let base = pos & ~63
  do {
    word += markBytes
    base += 64
    found = load<u64>(word)
  } while (found === 0)
  return base + <i32>ctz(found)
}

/** 1 for LF and CR, 2 for CRLF; 0 when the byte that decides has not been read yet. */
function lineEndLength(at: i32, end: i32, atEnd: bool): i32 {
  if (load<u8>(memory.bytes + at) === lineFeed) return 1
  if (at + 1 < end) return load<u8>(memory.bytes + at + 1) === lineFeed ? 2 : 1
  return atEnd ? 1 : 0
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
