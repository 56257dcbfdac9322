// Spaces at the ends of texts, and runs of them.
import * as texts from './texts'

export function trim(): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    let start = texts.startOf(index)
    let end = texts.endOf(index)
    if (start === end || (isInk(load<u8>(start)) && isInk(load<u8>(end - 1)))) continue
    while (start < end && isSpace(load<u8>(start))) start++
    while (start < end && isSpace(load<u8>(end - 1))) end--
    // The spaces of Unicode are left to `String.trim`.
    const isWide =
      isWideSpace(start) || (end - start >= 2 && isWideSpace(end - 2)) || (end - start >= 3 && isWideSpace(end - 3))
    if (start < end && isWide) texts.lose(index)
    else texts.set(index, start, end)
  }
}

/** Each run of spaces becomes one, none stays at the ends. */
export function collapse(): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const end = texts.endOf(index)
    if (isCollapsed(start, end)) continue
    if (!texts.hasRoom(end - start)) return
    let to = texts.free
    let isAfterSpace = true
    let isWide = false
    for (let from = start; from < end; from++) {
      const byte = load<u8>(from)
      if (!isSpace(byte)) store<u8>(to++, byte)
      else if (!isAfterSpace) store<u8>(to++, 0x20)
      isAfterSpace = isSpace(byte)
      isWide = isWide || (byte >= 0xc2 && isWideSpace(from))
    }
    if (isWide) texts.lose(index)
    else texts.put(index, isAfterSpace && to > texts.free ? to - 1 : to)
  }
}

/** Whether a text has single spaces alone, none at its ends. */
function isCollapsed(start: usize, end: usize): bool {
  let before = 1
  for (let at = start; at < end; at += 16) {
    const chunk = v128.load(at)
    const known = texts.knownBits(<i32>(end - at))
    const spaces = i8x16.bitmask(i8x16.eq(chunk, i8x16.splat(0x20))) & known
    const others = i8x16.bitmask(i8x16.lt_u(chunk, i8x16.splat(0x20))) & known
    if (others !== 0 || (spaces & ((spaces << 1) | before)) !== 0) return false
    before = spaces >> 15
    // What the spaces of Unicode begin with.
    const first = v128.or(i8x16.eq(chunk, i8x16.splat(<i8>0xc2)), i8x16.gt_u(chunk, i8x16.splat(<i8>0xe0)))
    for (let wide = i8x16.bitmask(first) & known; wide !== 0; wide &= wide - 1) {
      if (isWideSpace(at + ctz(wide))) return false
    }
  }
  return start === end || load<u8>(end - 1) !== 0x20
}

/** What is neither a space of ASCII nor a part of a wider one. */
function isInk(byte: u8): bool {
  return byte > 0x20 && byte < 0x80
}

/** The spaces of ASCII as `String.trim` has them. */
function isSpace(byte: u8): bool {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** Whether a space beyond ASCII stands here (ECMAScript, "White Space" and "Line Terminators"), in UTF-8. */
function isWideSpace(at: usize): bool {
  const second = load<u8>(at, 1)
  const third = load<u8>(at, 2)
  switch (load<u8>(at)) {
    case 0xc2:
      return second === 0xa0
    case 0xe1:
      return second === 0x9a && third === 0x80
    case 0xe2:
      if (second === 0x81) return third === 0x9f
      return second === 0x80 && (third <= 0x8a || third === 0xa8 || third === 0xa9 || third === 0xaf)
    case 0xe3:
      return second === 0x80 && third === 0x80
    case 0xef:
      return second === 0xbb && third === 0xbf
    default:
      return false
  }
}
