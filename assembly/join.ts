// Finds the rows that answers are for, in a memory of its own. The rules are those of src/load/join-table.ts.
import * as memory from './memory'

/** By slot: row + 1, or 0. */
export let slots: usize = 0
let mask: u32 = 0
/** By row: the hash of its key. */
export let rowKeys: usize = 0
/** By row: bits of `src/load/join-table.ts`. */
export let flags: usize = 0
const sharedKey: u8 = 1
const answered: u8 = 2
/** By row: what `src/load/outcomes.ts` keeps. */
export let statuses: usize = 0
export let rowIds: usize = 0
export let texts: usize = 0

/** Found for an answer whose row must be told from others with the same key. */
const isShared: i32 = -2
const isUnknown: i32 = -1

/** Lines of records that were written, see `listWritten`. */
export let lines: usize = 0
const lineBytes: i32 = 21
// `,c\n` and `,w\n`, read as numbers; the fourth byte is of the next line.
const createdEnd: u32 = 0x000a632c
const changedEnd: u32 = 0x000a772c
const created: u8 = 1
const changed: u8 = 2

/** Lays out the memory for so many rows, and answers that come in batches; returns the bytes that it must have. */
export function layOutJoin(rowCount: i32, batch: i32): usize {
  const slotCount: u32 = 1 << (32 - clz(max(rowCount * 2, 16) - 1))
  mask = slotCount - 1
  memory.begin()
  memory.placeBatch(batch)
  lines = memory.take(batch * lineBytes + 16)
  statuses = memory.take(rowCount)
  rowIds = memory.take(rowCount * memory.idLength)
  texts = memory.take(rowCount * 4)
  flags = memory.take(rowCount)
  rowKeys = memory.take(rowCount * 8)
  slots = memory.take(slotCount * 4)
  return memory.end
}

/** Forgets what is known of the rows of an earlier part. */
export function clearOutcomes(): void {
  memory.zero(statuses, flags - statuses)
}

/** Forgets the keys of an earlier part. */
export function clearKeys(): void {
  memory.zero(flags, rowKeys - flags)
  memory.zero(slots, memory.end - slots)
}

/** Enters the keys of so many rows; returns how many rows share their key with another one. */
export function indexRows(count: i32): i32 {
  let sharing = 0
  for (let row = 0; row < count; row++) {
    const key = load<u64>(rowKeys + ((<usize>row) << 3))
    const slot = seek(key)
    const known = load<i32>(slot)
    if (known === 0) {
      store<i32>(slot, row + 1)
      continue
    }
    const flag = flags + known - 1
    if (load<u8>(flag) === 0) sharing++
    store<u8>(flag, sharedKey)
    store<u8>(flags + row, sharedKey)
    sharing++
  }
  return sharing
}

/** The first row with the key that has these halves, or -1. */
export function findRow(low: u32, high: u32): i32 {
  return load<i32>(seek(<u64>low | ((<u64>high) << 32))) - 1
}

/**
 * Finds the rows of so many keys in `memory.hashes`, puts them into `memory.rows` and marks them as answered; -1 where
 * there is none without an answer, -2 where several share the key. The first reach into memory is made for all of them
 * before the second one, so that the waits for memory overlap.
 */
export function matchRows(count: i32): void {
  for (let answer = 0; answer < count; answer++) {
    const key = load<u64>(memory.hashes + ((<usize>answer) << 3))
    store<i32>(memory.rows + ((<usize>answer) << 2), load<i32>(slots + ((<usize>(<u32>key & mask)) << 2)))
  }
  for (let answer = 0; answer < count; answer++) {
    const place = memory.rows + ((<usize>answer) << 2)
    const key = load<u64>(memory.hashes + ((<usize>answer) << 3))
    let row = load<i32>(place) - 1
    if (row >= 0 && load<u64>(rowKeys + ((<usize>row) << 3)) !== key) row = load<i32>(seek(key)) - 1
    if (row >= 0) {
      const flag = load<u8>(flags + row)
      if ((flag & sharedKey) !== 0) row = isShared
      else if ((flag & answered) !== 0) row = isUnknown
      else store<u8>(flags + row, flag | answered)
    }
    store<i32>(place, row)
  }
}

/** Gives so many rows in `memory.rows` the states in `memory.states` and the Ids in `memory.ids`. */
export function settleRows(count: i32): void {
  for (let answer = 0; answer < count; answer++) {
    const row = load<i32>(memory.rows + ((<usize>answer) << 2))
    if (row < 0) continue
    store<u8>(statuses + row, load<u8>(memory.states + answer))
    const from = memory.ids + <usize>answer * memory.idLength
    const to = rowIds + <usize>row * memory.idLength
    v128.store(to, v128.load(from))
    store<u16>(to, load<u16>(from, 16), 16)
  }
}

/**
 * Puts a line into `lines` for each of the rows from `first` to `end` that was accepted and has an Id: the Id, a comma, `c`
 * for created or `w` for otherwise written, LF. Returns the bytes.
 */
export function listWritten(first: i32, end: i32): i32 {
  let at = lines
  for (let row = first; row < end; row++) {
    const status = load<u8>(statuses + row)
    const id = rowIds + <usize>row * memory.idLength
    if ((status !== created && status !== changed) || load<u8>(id) === 0) continue
    v128.store(at, v128.load(id))
    store<u16>(at, load<u16>(id, 16), 16)
    store<u32>(at, status === created ? createdEnd : changedEnd, 18)
    at += lineBytes
  }
  return <i32>(at - lines)
}

/** The slot that holds the key, or the free one where it belongs. */
function seek(key: u64): usize {
  let slot = <u32>key & mask
  let known = load<i32>(slots + ((<usize>slot) << 2))
  while (known !== 0 && load<u64>(rowKeys + ((<usize>(known - 1)) << 3)) !== key) {
    slot = (slot + 1) & mask
    known = load<i32>(slots + ((<usize>slot) << 2))
  }
  return slots + ((<usize>slot) << 2)
}
