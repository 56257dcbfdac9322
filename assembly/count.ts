// Counts records whose lines end in LF; see src/bulk/record-counter.ts.
import * as memory from './memory'

const quote: u8 = 0x22
const lineFeed: u8 = 0x0a

/** Whether a quote is open behind the bytes counted last. */
export let isInside: bool = false

/** Lays out the memory for so many bytes at a time; returns the bytes that it must have. */
export function layOutCount(size: i32): usize {
  memory.begin()
  return memory.placeBytes(size)
}

/** Line feeds outside quotes among the first `length` bytes; `inside`: whether a quote is open before them. */
export function countLines(length: i32, inside: bool): i32 {
  const end = memory.bytes + length
  // All bits set while a quote is open.
  let open: u64 = inside ? ~0 : 0
  let lines = 0
  for (let at = memory.bytes; at < end; at += 64) {
    let quotes = marksOf(at, quote)
    let lineFeeds = marksOf(at, lineFeed)
    if (end - at < 64) {
      const known = ((<u64>1) << (<u64>(end - at))) - 1
      quotes &= known
      lineFeeds &= known
    }
    if (lineFeeds !== 0) lines += <i32>popcnt(lineFeeds & ~(openAfter(quotes) ^ open))
    if ((popcnt(quotes) & 1) !== 0) open = ~open
  }
  isInside = open !== 0
  return lines
}

function marksOf(at: usize, byte: u8): u64 {
  const wanted = i8x16.splat(byte)
  const one = <u64>i8x16.bitmask(i8x16.eq(v128.load(at), wanted))
  const two = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted))
  const three = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 32), wanted))
  const four = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 48), wanted))
  return one | (two << 16) | (three << 32) | (four << 48)
}

/** Sets each bit that has an odd number of marks at or below it. */
function openAfter(marks: u64): u64 {
  let odd = marks
  for (let shift: u64 = 1; shift < 64; shift <<= 1) odd ^= odd << shift
  return odd
}
