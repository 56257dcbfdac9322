// The values of one column of some records while they are made: a step goes through all of them before the next one begins.
// A text stays where it stands (in a cell, in the programs) as long as a step need not write another one.

/** Records at a time. Their texts, and what is noted of them here, are still in the fastest cache when the next step comes. */
export const mostTexts: i32 = 64

const numbers = memory.data(256)
const cells = memory.data(256)
const starts = memory.data(256)
const ends = memory.data(256)
const states = memory.data(64)
const chosen = memory.data(64)

/** States of a text. */
const isOpen: u8 = 0
/** No step has to do with it any more. */
export const isDone: u8 = 1
/** A step cannot say what becomes of it. */
export const isLost: u8 = 2

/** Records that are worked on, each with a text of its own. */
export let records: i32 = 0
/** Texts that the steps go through now; `indexAt` tells which. */
export let count: i32 = 0
let losses: i32 = 0
/** Whether the texts that are chosen are the first ones, in their order. */
let isAll: bool = false

/** The next text is written here. */
export let free: usize = 0
let limit: usize = 0
/** Whether there was no room for a text. */
export let isFull: bool = false

/** From now on texts are written here; at `most` the room ends. */
export function writeTo(from: usize, most: usize): void {
  free = from
  limit = most
  isFull = false
}

export function hasRoom(more: u64): bool {
  if (<u64>free + more <= <u64>limit) return true
  isFull = true
  return false
}

export function forgetRecords(): void {
  records = 0
}

/** One more record: its number among all whose values are made, and where its first cell stands in `memory.cellStart`. */
export function addRecord(number: i32, firstCell: usize): void {
  const index = (<usize>records) << 2
  store<i32>(numbers + index, number)
  store<u32>(cells + index, <u32>firstCell)
  records++
}

export function numberOf(index: usize): i32 {
  return load<i32>(numbers + index)
}

export function cellsOf(index: usize): usize {
  return load<u32>(cells + index)
}

/** The index of a text is four times its number. */
export function indexAt(place: i32): usize {
  return (<usize>load<u8>(chosen + place)) << 2
}

export function startOf(index: usize): usize {
  return load<u32>(starts + index)
}

export function endOf(index: usize): usize {
  return load<u32>(ends + index)
}

export function stateOf(index: usize): u8 {
  return load<u8>(states + (index >> 2))
}

/** A new text, which the steps are to work on. */
export function open(index: usize, start: usize, end: usize): void {
  store<u8>(states + (index >> 2), isOpen)
  set(index, start, end)
}

/** The text is this one from now on. */
export function set(index: usize, start: usize, end: usize): void {
  store<u32>(starts + index, <u32>start)
  store<u32>(ends + index, <u32>end)
}

/** The text is the one that was written from `free` on. */
export function put(index: usize, end: usize): void {
  set(index, free, end)
  free = end
}

export function finish(index: usize): void {
  store<u8>(states + (index >> 2), isDone)
}

/** Leaves the value to JavaScript. */
export function lose(index: usize): void {
  store<u8>(states + (index >> 2), isLost)
  losses++
}

/** The next steps go through the texts that are open; where `takesEmpty` is not set, through those that hold something. */
export function choose(takesEmpty: bool): void {
  losses = 0
  if (areAllOpen(takesEmpty)) {
    chooseAll()
    return
  }
  count = 0
  isAll = false
  for (let number = 0; number < records; number++) {
    const index = (<usize>number) << 2
    const isChosen = stateOf(index) === isOpen && (takesEmpty || startOf(index) < endOf(index))
    store<u8>(chosen + count, <u8>number)
    count += <i32>isChosen
  }
}

function areAllOpen(takesEmpty: bool): bool {
  let others = i8x16.splat(0)
  for (let number = 0; number < records; number += 4) {
    const index = (<usize>number) << 2
    // Behind the last one are those of records before, or none: this may come to false, then.
    others = v128.or(others, v128.load32_zero(states + number))
    const isEmpty = i32x4.eq(v128.load(starts + index), v128.load(ends + index))
    if (!takesEmpty) others = v128.or(others, isEmpty)
  }
  return !v128.any_true(others)
}

function chooseAll(): void {
  count = records
  if (isAll) return
  for (let number = 0; number < mostTexts; number++) store<u8>(chosen + number, <u8>number)
  isAll = true
}

/** Leaves out those that the latest step has lost. */
export function leaveOutLost(): void {
  if (losses === 0) return
  losses = 0
  isAll = false
  const before = count
  count = 0
  for (let place = 0; place < before; place++) {
    const index = indexAt(place)
    store<u8>(chosen + count, <u8>(index >> 2))
    count += <i32>(stateOf(index) === isOpen)
  }
}

/** One bit for each of the 16 bytes of a vector that belong to a text which has so many left. */
export function knownBits(left: i32): i32 {
  return left < 16 ? (1 << left) - 1 : 0xffff
}
