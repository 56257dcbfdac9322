// Pieces of texts, and texts put before, behind and in the place of others.
import { copy } from './copy'
import * as texts from './texts'

export function prefix(piece: usize, size: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const length = <i32>(texts.endOf(index) - start)
    if (!texts.hasRoom(size + length)) return
    copy(texts.free, piece, size)
    copy(texts.free + size, start, length)
    texts.put(index, texts.free + size + length)
  }
}

export function suffix(piece: usize, size: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const length = <i32>(texts.endOf(index) - start)
    if (!texts.hasRoom(size + length)) return
    copy(texts.free, start, length)
    copy(texts.free + length, piece, size)
    texts.put(index, texts.free + length + size)
  }
}

/** `length` characters from the `first`th one on; below 0 it counts from the end. */
export function substring(first: i32, length: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const end = texts.endOf(index)
    const size = <i32>(end - start)
    const wide = i8x16.bitmask(v128.load(start)) & texts.knownBits(size)
    if (first > 0 && wide === 0 && (size <= 16 || (first <= 16 && length <= 17 - first))) {
      const from = start + min(first - 1, size)
      texts.set(index, from, length < <i32>(end - from) ? from + length : end)
      continue
    }
    let from = end
    if (first > 0) from = skip(start, end, first - 1)
    else for (let left = first; from > start && left < 0; ) if (isFirstByte(load<u8>(--from))) left++
    texts.set(index, from, skip(from, end, length))
  }
}

/** The place behind so many characters. */
function skip(from: usize, end: usize, characters: i32): usize {
  let at = from
  for (let left = characters; at < end; at++) if (isFirstByte(load<u8>(at)) && left-- === 0) break
  return at
}

function isFirstByte(byte: u8): bool {
  return (byte & 0xc0) !== 0x80
}

/** The `take`th piece between separators; below 0 it counts from the end. */
export function split(separator: usize, size: i32, take: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const end = texts.endOf(index)
    let from = texts.startOf(index)
    let wanted = take - 1
    if (take < 0) {
      let pieces = 1
      for (let at = find(from, end, separator, size); at < end; at = find(at + size, end, separator, size)) pieces++
      wanted = pieces + take
    }
    for (; wanted > 0; wanted--) {
      const at = find(from, end, separator, size)
      if (at === end) break
      from = at + size
    }
    if (wanted === 0) texts.set(index, from, find(from, end, separator, size))
    else texts.set(index, end, end)
  }
}

/** Every place where `wanted` stands becomes `put`. */
export function replace(wanted: usize, size: i32, put: usize, putSize: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const end = texts.endOf(index)
    let from = texts.startOf(index)
    let at = find(from, end, wanted, size)
    if (at === end) continue
    const length = <i32>(end - from)
    const growth = putSize > size ? <u64>(length / size) * <u64>(putSize - size) : 0
    if (!texts.hasRoom(length + growth)) return
    let to = texts.free
    for (; at < end; at = find(from, end, wanted, size)) {
      copy(to, from, <i32>(at - from))
      to += at - from
      copy(to, put, putSize)
      to += putSize
      from = at + size
    }
    copy(to, from, <i32>(end - from))
    texts.put(index, to + (end - from))
  }
}

/** Where a text stands next; the end where it does not. */
function find(from: usize, end: usize, wanted: usize, size: i32): usize {
  if (<i32>(end - from) < size) return end
  const last = end - size
  const first = i8x16.splat(load<i8>(wanted))
  for (let at = from; at <= last; at += 16) {
    for (let found = i8x16.bitmask(i8x16.eq(v128.load(at), first)); found !== 0; found &= found - 1) {
      const place = at + ctz(found)
      if (place > last) return end
      if (isAt(place, wanted, size)) return place
    }
  }
  return end
}

function isAt(at: usize, wanted: usize, size: i32): bool {
  for (let i = 1; i < size; i++) if (load<u8>(at + i) !== load<u8>(wanted + i)) return false
  return true
}
