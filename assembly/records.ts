// The table of a block's records while it is filled: the two walks of scan.ts and scan-sound.ts go on where the other stopped.
import { carriageReturn, lineFeed } from './marks'
import * as memory from './memory'

// As in src/csv/records.ts.
export const quoteFault: u8 = 1
const raggedFault: u8 = 3
export const quotedTrait: u8 = 1
export const carriageReturnTrait: u8 = 2
export const looseQuoteTrait: u8 = 4

/** Records found so far. */
export let found: i32 = 0
/** How far the block was understood: the rest is the beginning of a record that needs more bytes. */
export let scanned: i32 = 0
/** Line of the record that follows. */
export let lineAfter: f64 = 0

export function beginTable(firstLine: f64): void {
  found = 0
  scanned = 0
  lineAfter = firstLine
  store<i32>(memory.firstCell, 0)
}

/** Index of the first cell of the record that follows. */
export function firstCellOfNext(): i32 {
  return load<i32>(memory.firstCell + ((<usize>found) << 2))
}

/** The record that begins at `scanned`, with its cells up to `cell`, and the line end of `lineEnd` bytes behind it. */
export function addRecord(
  recordEnd: i32,
  lineEnd: i32,
  cell: i32,
  columns: i32,
  lines: i32,
  fault: u8,
  traits: u8,
): void {
  const isRagged = columns >= 0 && cell - firstCellOfNext() !== columns
  store<i32>(memory.recordStart + ((<usize>found) << 2), scanned)
  store<i32>(memory.recordEnd + ((<usize>found) << 2), recordEnd)
  store<f64>(memory.line + ((<usize>found) << 3), lineAfter)
  store<u8>(memory.fault + found, fault === 0 && isRagged ? raggedFault : fault)
  store<u8>(memory.traits + found, traits)
  found++
  store<i32>(memory.firstCell + ((<usize>found) << 2), cell)
  lineAfter += lines
  scanned = recordEnd + lineEnd
}

/** Whether a record follows, behind whatever empty lines there are. */
export function passEmptyLines(end: i32, atEnd: bool): bool {
  while (scanned < end) {
    const first = load<u8>(memory.bytes + scanned)
    if (first !== lineFeed && first !== carriageReturn) return true
    const length = lineEndLength(scanned, end, atEnd)
    if (length === 0) return false
    scanned += length
    lineAfter++
  }
  return false
}

/** 1 for LF and CR, 2 for CRLF; 0 when the byte that decides has not been read yet. */
export function lineEndLength(at: i32, end: i32, atEnd: bool): i32 {
  if (load<u8>(memory.bytes + at) === lineFeed) return 1
  if (at + 1 < end) return load<u8>(memory.bytes + at + 1) === lineFeed ? 2 : 1
  return atEnd ? 1 : 0
}
