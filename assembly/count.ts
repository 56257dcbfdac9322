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
  const whole = memory.bytes + (length & ~63)
  // 1 while a quote is open.
  let open: u64 = inside ? 1 : 0
  let lines: u64 = 0
  for (let at = memory.bytes; at < end; at += 64) {
    const known = at < whole ? ~0 : ((<u64>1) << (<u64>(end - at))) - 1
    const quotes = marksOf(at, quote) & known
    const lineFeeds = marksOf(at, lineFeed) & known
    // Most often there is one line feed or none, in no order that a processor could foresee: both go the same way.
    lines += countsFirst(lineFeeds, quotes, open)
    for (let more = lineFeeds & (lineFeeds - 1); more !== 0; more &= more - 1) lines += countsFirst(more, quotes, open)
    open ^= popcnt(quotes) & 1
  }
  isInside = open !== 0
  return <i32>lines
}

/** 1 when there is a line feed and the first one is outside quotes. */
function countsFirst(lineFeeds: u64, quotes: u64, open: u64): u64 {
  const before = (lineFeeds & -lineFeeds) - 1
  return <u64>(lineFeeds !== 0) & ~((popcnt(quotes & before) & 1) ^ open)
}

function marksOf(at: usize, byte: u8): u64 {
  const wanted = i8x16.splat(byte)
  const one = <u64>i8x16.bitmask(i8x16.eq(v128.load(at), wanted))
  const two = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 16), wanted))
  const three = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 32), wanted))
  const four = <u64>i8x16.bitmask(i8x16.eq(v128.load(at, 48), wanted))
  return one | (two << 16) | (three << 32) | (four << 48)
}
