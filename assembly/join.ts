// Finds the rows that answers are for, in a memory of its own. The rules are those of src/load/join-table.ts.
import * as memory from './memory'

/**
 * By slot: row + 1, and above it the first bits of the hash of its key; 0 where there is none. Seven slots for four rows, since a
 * power of two would be up to four for each: the bits tell nearly all others apart without a reach into `rowKeys`.
 */
export let slots: usize = 0
let slotCount: u32 = 0
/** The bits of a row + 1. */
let rowMask: u32 = 0
/** By row: the hash of its key. */
export let rowKeys: usize = 0
/** By row: bits of `src/load/join-table.ts`. */
export let flags: usize = 0
const sharedKey: u8 = 1
const answered: u8 = 2
/** By row: what `src/load/outcomes.ts` keeps. */
export let statuses: usize = 0
export let rowIds: usize = 0

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
  slotCount = rowCount + (rowCount >> 1) + (rowCount >> 2) + 16
  rowMask = (1 << (32 - clz(rowCount))) - 1
  memory.begin()
  memory.placeBatch(batch)
  lines = memory.take(batch * lineBytes + 16)
  statuses = memory.take(rowCount)
  rowIds = memory.take(rowCount * memory.idLength)
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
    const known = load<u32>(slot) & rowMask
    if (known === 0) {
      store<u32>(slot, signOf(key) | <u32>(row + 1))
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
  return rowAt(load<u32>(seek(<u64>low | ((<u64>high) << 32))))
}

/**
 * Finds the rows of so many keys in `memory.hashes`, puts them into `memory.rows` and marks them as answered; -1 where
 * there is none without an answer, -2 where several share the key. Each reach into memory is made for all of them before
 * the next one, so that the waits for memory overlap.
 */
export function matchRows(count: i32): void {
  for (let answer = 0; answer < count; answer++) {
    const key = load<u64>(memory.hashes + ((<usize>answer) << 3))
    store<u32>(memory.rows + ((<usize>answer) << 2), load<u32>(slots + ((<usize>home(key)) << 2)))
  }
  for (let answer = 0; answer < count; answer++) {
    const place = memory.rows + ((<usize>answer) << 2)
    const key = load<u64>(memory.hashes + ((<usize>answer) << 3))
    const sign = signOf(key)
    let word = load<u32>(place)
    for (let slot = home(key); word !== 0 && (word ^ sign) > rowMask; ) {
      slot = after(slot)
      word = load<u32>(slots + ((<usize>slot) << 2))
    }
    store<i32>(place, rowAt(word))
  }
  for (let answer = 0; answer < count; answer++) {
    const place = memory.rows + ((<usize>answer) << 2)
    const key = load<u64>(memory.hashes + ((<usize>answer) << 3))
    let row = load<i32>(place)
    if (row >= 0 && load<u64>(rowKeys + ((<usize>row) << 3)) !== key) row = rowAt(load<u32>(seek(key)))
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

/** Where the slot that holds the key lies, or the free one where it belongs. */
function seek(key: u64): usize {
  const sign = signOf(key)
  let slot = home(key)
  let word = load<u32>(slots + ((<usize>slot) << 2))
  while (word !== 0 && ((word ^ sign) > rowMask || load<u64>(rowKeys + ((<usize>rowAt(word)) << 3)) !== key)) {
    slot = after(slot)
    word = load<u32>(slots + ((<usize>slot) << 2))
  }
  return slots + ((<usize>slot) << 2)
}

/** The slot where the search for a key begins: its lower half stretched over all slots. */
function home(key: u64): u32 {
  return <u32>((<u64>(<u32>key) * <u64>slotCount) >> 32)
}

function after(slot: u32): u32 {
  return slot + 1 === slotCount ? 0 : slot + 1
}

/** What stands above the row in the slot of a key. */
function signOf(key: u64): u32 {
  return <u32>(key >> 32) & ~rowMask
}

/** The row in a slot; -1 in an empty one. */
function rowAt(word: u32): i32 {
  return <i32>(word & rowMask) - 1
}
