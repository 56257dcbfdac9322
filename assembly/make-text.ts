// The text that is being made, and the steps that need nothing but it. Each step gives false where it cannot tell what
// `Transform.apply` would make of the text, or where there is no room.
import { copy } from './copy'

/** The text: it is always the last thing that was written. */
export let start: usize = 0
export let end: usize = 0
/** Whether the latest step that gave false had no room. */
export let isFull: bool = false
let limit: usize = 0

/** Nothing is written so far, and nothing may be written from `most` on. */
export function begin(at: usize, most: usize): void {
  limit = most
  open(at)
}

/** An empty text. */
export function open(at: usize): void {
  start = at
  end = at
  isFull = false
}

export function hasRoom(more: i32): bool {
  isFull = end + more > limit
  return !isFull
}

/** There must be room. */
export function append(from: usize, size: i32): void {
  copy(end, from, size)
  end += size
}

/** Moves the text to a place before it. */
export function moveTo(at: usize): void {
  if (start === at) return
  const size = <i32>(end - start)
  copy(at, start, size)
  start = at
  end = at + size
}

/** The text is the one between these places from now on. */
export function move(from: usize, to: usize): void {
  start = from
  end = to
}

export function trim(): bool {
  while (start < end && isSpace(load<u8>(start))) start++
  while (start < end && isSpace(load<u8>(end - 1))) end--
  if (start === end || (load<u8>(start) < 0x80 && load<u8>(end - 1) < 0x80)) return true
  // The spaces of Unicode are left to `String.trim`.
  return (
    !isWideSpace(start) && !(end - start >= 2 && isWideSpace(end - 2)) && !(end - start >= 3 && isWideSpace(end - 3))
  )
}

/** Each run of spaces becomes one, none stays at the ends. */
export function collapse(): bool {
  if (isCollapsed()) return true
  let to = start
  let isAfterSpace = true
  for (let from = start; from < end; from++) {
    const byte = load<u8>(from)
    if (isSpace(byte)) {
      if (!isAfterSpace) store<u8>(to++, 0x20)
      isAfterSpace = true
    } else {
      if (byte >= 0xc2 && isWideSpace(from)) return false
      store<u8>(to++, byte)
      isAfterSpace = false
    }
  }
  end = isAfterSpace && to > start ? to - 1 : to
  return true
}

/** Whether a text of up to 64 bytes is seen to have single spaces alone, none at its ends. */
function isCollapsed(): bool {
  const size = <i32>(end - start)
  if (size === 0 || size > 64) return false
  let spaces: u64 = 0
  let others: u64 = 0
  for (let at = 0; at < size; at += 16) {
    const chunk = v128.load(start + at)
    spaces |= (<u64>i8x16.bitmask(i8x16.eq(chunk, i8x16.splat(0x20)))) << (<u64>at)
    // Other spaces of ASCII, and what the spaces of Unicode begin with.
    const controls = i8x16.lt_u(chunk, i8x16.splat(0x20))
    const wide = v128.or(i8x16.eq(chunk, i8x16.splat(<i8>0xc2)), i8x16.gt_u(chunk, i8x16.splat(<i8>0xe0)))
    others |= (<u64>i8x16.bitmask(v128.or(controls, wide))) << (<u64>at)
  }
  const known: u64 = size === 64 ? ~0 : ((<u64>1) << (<u64>size)) - 1
  spaces &= known
  const last = (<u64>1) << (<u64>(size - 1))
  return (others & known) === 0 && (spaces & (spaces >> 1)) === 0 && (spaces & (last | 1)) === 0
}

/** The spaces of ASCII as `String.trim` has them. */
function isSpace(byte: u8): bool {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}

/** Whether bytes that may begin a space beyond ASCII (ECMAScript, "White Space" and "Line Terminators") stand here, in UTF-8. */
function isWideSpace(at: usize): bool {
  const second = load<u8>(at, 1)
  switch (load<u8>(at)) {
    case 0xc2:
      return second === 0xa0
    case 0xe1:
      return second === 0x9a
    case 0xe2:
      return second === 0x80 || second === 0x81
    case 0xe3:
      return second === 0x80
    case 0xef:
      return second === 0xbb
    default:
      return false
  }
}

export function prefix(piece: usize, size: i32): bool {
  const length = <i32>(end - start)
  if (!hasRoom(size + length)) return false
  const from = start
  start = end
  append(piece, size)
  append(from, length)
  return true
}

export function suffix(piece: usize, size: i32): bool {
  if (!hasRoom(size)) return false
  append(piece, size)
  return true
}

/** `length` characters from the `first`th one on; below 0 it counts from the end. */
export function substring(first: i32, length: i32): bool {
  let from = start
  if (first > 0) {
    from = skip(start, first - 1)
  } else {
    let left = first
    for (from = end; from > start && left < 0; ) if (isFirstByte(load<u8>(--from))) left++
  }
  end = skip(from, length)
  start = from
  return true
}

/** The place behind so many characters. */
function skip(from: usize, characters: i32): usize {
  let at = from
  for (let left = characters; at < end; at++) if (isFirstByte(load<u8>(at)) && left-- === 0) break
  return at
}

function isFirstByte(byte: u8): bool {
  return (byte & 0xc0) !== 0x80
}

/** The `take`th piece between separators; below 0 it counts from the end. */
export function split(separator: usize, size: i32, take: i32): bool {
  let wanted = take - 1
  if (take < 0) {
    let pieces = 1
    for (let at = find(start, separator, size); at < end; at = find(at + size, separator, size)) pieces++
    wanted = pieces + take
  }
  let from = start
  for (; wanted > 0; wanted--) {
    const at = find(from, separator, size)
    if (at === end) break
    from = at + size
  }
  if (wanted === 0) end = find(from, separator, size)
  else from = end
  start = from
  return true
}

/** Where a text stands next; the end where it does not. */
function find(from: usize, wanted: usize, size: i32): usize {
  const first = load<u8>(wanted)
  for (let at = from; at + size <= end; at++) if (load<u8>(at) === first && isAt(at, wanted, size)) return at
  return end
}

function isAt(at: usize, wanted: usize, size: i32): bool {
  for (let i = 1; i < size; i++) if (load<u8>(at + i) !== load<u8>(wanted + i)) return false
  return true
}

/** Every place where `wanted` stands becomes `put`. */
export function replace(wanted: usize, size: i32, put: usize, putSize: i32): bool {
  let at = find(start, wanted, size)
  if (at === end) return true
  const last = end
  let to = at
  if (putSize > size) {
    // A longer text is put together behind the old one.
    const length = <i32>(end - start)
    if (!hasRoom(length + (length / size + 1) * (putSize - size) + 16)) return false
    to = end + (at - start)
    memory.copy(end, start, at - start)
    start = end
  }
  let from = at
  for (; at < last; at = findBefore(from, last, wanted, size)) {
    memory.copy(to, from, at - from)
    to += at - from
    for (let i = 0; i < putSize; i++) store<u8>(to++, load<u8>(put + i))
    from = at + size
  }
  memory.copy(to, from, last - from)
  end = to + (last - from)
  return true
}

function findBefore(from: usize, last: usize, wanted: usize, size: i32): usize {
  const first = load<u8>(wanted)
  for (let at = from; at + size <= last; at++) if (load<u8>(at) === first && isAt(at, wanted, size)) return at
  return last
}

const matchesOthers = 1
const matchesRuns = 2
const matchesStart = 4

/**
 * Every character of a class, or every run of them, becomes `put`. `members`: one bit for each of the 128 characters of
 * ASCII; `matchesOthers`: all others are in the class, otherwise none is.
 */
export function replaceClass(members: usize, bits: i32, put: usize, putSize: i32): bool {
  const last = end
  let to = start
  if (putSize > 1) {
    const length = <i32>(end - start)
    if (!hasRoom(length * putSize + putSize)) return false
    to = end
  }
  const begin = to
  let from = start
  let isInRun = false
  let isOver = false
  while (from < last) {
    const byte = load<u8>(from)
    const isMember = !isOver && (byte < 0x80 ? isIn(members, byte) : (bits & matchesOthers) !== 0)
    if (!isMember) {
      isInRun = false
      isOver = (bits & matchesStart) !== 0
      store<u8>(to++, byte)
      from++
      continue
    }
    if (!isInRun) for (let i = 0; i < putSize; i++) store<u8>(to++, load<u8>(put + i))
    if ((bits & matchesRuns) !== 0) isInRun = true
    else isOver = (bits & matchesStart) !== 0
    from++
    if (byte >= 0x80) while (from < last && !isFirstByte(load<u8>(from))) from++
  }
  start = begin
  end = to
  return true
}

function isIn(members: usize, byte: u8): bool {
  return ((load<u8>(members + (byte >> 3)) >> (byte & 7)) & 1) !== 0
}
