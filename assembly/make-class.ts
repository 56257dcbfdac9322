// Characters of a class, replaced.
import { copy } from './copy'
import * as texts from './texts'

const matchesOthers = 1
const matchesRuns = 2
const matchesStart = 4

/** By the upper four bits of a byte: the bit of a row in `members`, none for what is not ASCII. */
const rowBits = v128(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0)

let members: v128 = i8x16.splat(0)
let isOthers: bool = false
/** Which of the 64 bytes from here on are in the class. */
let seen: usize = 0
let found: u64 = 0

/**
 * Every character of a class, or every run of them, becomes `put`. `table`: for each of the lower four bits of a character of
 * ASCII a byte with a bit for each of the upper three; `matchesOthers`: all others are in the class, otherwise none is.
 */
export function replaceClass(table: usize, bits: i32, put: usize, putSize: i32): void {
  members = v128.load(table)
  isOthers = (bits & matchesOthers) !== 0
  const isForRuns = (bits & matchesRuns) !== 0
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const end = texts.endOf(index)
    let from = texts.startOf(index)
    look(from, end)
    let member = findMember(from, end, true)
    if (member === end || ((bits & matchesStart) !== 0 && member > from)) continue
    const length = <u64>(end - from)
    if (!texts.hasRoom(length + length * <u64>putSize)) return
    let to = texts.free
    while (member < end) {
      copy(to, from, <i32>(member - from))
      to += member - from
      from = findMember(member, end, false)
      if (!isForRuns && (bits & matchesStart) !== 0) from = behindCharacter(member, end)
      for (let left = isForRuns ? 1 : countCharacters(member, from); left > 0; left--) {
        copy(to, put, putSize)
        to += putSize
      }
      member = (bits & matchesStart) !== 0 ? end : findMember(from, end, true)
    }
    copy(to, from, <i32>(end - from))
    texts.put(index, to + (end - from))
  }
}

/** Where a byte of the class stands next, or one that is not of it; the end where none does. */
function findMember(from: usize, end: usize, isWanted: bool): usize {
  let at = from
  while (at < end) {
    if (at - seen >= 64) look(at, end)
    const bits = (isWanted ? found : ~found) >> <u64>(at - seen)
    if (bits !== 0) return min(end, at + <usize>ctz(bits))
    at = seen + 64
  }
  return end
}

/** Sorts the next 64 bytes of a text. */
function look(from: usize, end: usize): void {
  seen = from
  found = sort(from)
  if (end - from <= 16) return
  for (let at: usize = 16; at < 64 && from + at < end; at += 16) found |= sort(from + at) << (<u64>at)
}

function sort(from: usize): u64 {
  const chunk = v128.load(from)
  const row = i8x16.swizzle(members, v128.and(chunk, i8x16.splat(0x0f)))
  const bit = i8x16.swizzle(rowBits, i8x16.shr_u(chunk, 4))
  const others = i8x16.bitmask(i8x16.eq(v128.and(row, bit), i8x16.splat(0)))
  return <u64>((~others | (isOthers ? i8x16.bitmask(chunk) : 0)) & 0xffff)
}

function behindCharacter(from: usize, end: usize): usize {
  let at = from + 1
  while (at < end && (load<u8>(at) & 0xc0) === 0x80) at++
  return at
}

function countCharacters(from: usize, to: usize): i32 {
  let characters = 0
  for (let at = from; at < to; at++) characters += <i32>((load<u8>(at) & 0xc0) !== 0x80)
  return characters
}
