// The bytes of a block that may mean something, as bits: 64 bytes to a word.
import * as memory from './memory'

export const quote: u8 = 0x22
export const lineFeed: u8 = 0x0a
export const carriageReturn: u8 = 0x0d

// Places of the three words in `memory.marks`.
export const anyMark: usize = 0
export const quoteMark: usize = 8
export const lineEndMark: usize = 16
export const markBytes: usize = 24

/** Marks quotes, delimiters and line ends, 64 bytes to a word; the place behind the last byte is marked as all of them. */
export function mark(end: i32, delimiter: u8): void {
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
export function next(kind: usize, pos: i32): i32 {
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
