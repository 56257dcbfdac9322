// Puts records together for an upload, and rows for a result file.
import { copy } from './copy'
import * as memory from './memory'

const comma: u8 = 0x2c
const quote: u8 = 0x22
const lineFeed: u8 = 0x0a
// As in src/csv/records.ts: carriage returns inside cells, loose quotes.
const respelledTraits: u8 = 2 | 4

/** Bytes that the latest call put into `memory.out`. */
export let written: i32 = 0
/** Whether the latest `encodeRows` stopped because the part is full. */
export let partIsFull: bool = false

/**
 * Encodes the records from `first` to `end`, all of them sound, into `memory.out` and returns their number: runs of
 * neighbouring columns, comma, LF. It stops before a record whose bytes must be respelt, and when `enough` bytes are there.
 * `memory.settings` holds the first and the last column of each run.
 */
export function encodeRows(first: i32, end: i32, runs: i32, enough: i32, bytesLeft: i32, rowsLeft: i32): i32 {
  const out = memory.out
  const room = memory.outBytes
  let length = 0
  let record = first
  partIsFull = false
  for (; record < end && length < enough; record++) {
    if ((load<u8>(memory.traits + record) & respelledTraits) !== 0) break
    const cells = (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2
    const starts = memory.cellStart + cells
    const ends = memory.cellEnd + cells
    const before = length
    for (let run = 0; run < runs; run++) {
      const columns = memory.settings + ((<usize>run) << 3)
      const from = load<i32>(starts + ((<usize>load<i32>(columns)) << 2))
      const size = load<i32>(ends + ((<usize>load<i32>(columns, 4)) << 2)) - from
      if (length + size + 2 > room) {
        written = before
        return record - first
      }
      if (run > 0) store<u8>(out + length++, comma)
      copy(out + length, memory.bytes + from, size)
      length += size
    }
    store<u8>(out + length++, lineFeed)
    if (length > bytesLeft || record - first >= rowsLeft) {
      length = before
      partIsFull = true
      break
    }
  }
  written = length
  return record - first
}

const createdState: u8 = 1
const changedState: u8 = 2

/**
 * Copies records from `first` on as they stand into `memory.out`, each with a delimiter, its Id and its ending, and returns
 * their number. It stops before a record whose state is neither created nor changed, and when `memory.out` is full.
 * `memory.settings` holds the two endings, 16 bytes of room for each.
 */
export function copyAccepted(first: i32, count: i32, delimiter: u8, createdLength: i32, changedLength: i32): i32 {
  const out = memory.out
  const room = memory.outBytes - 64
  let length = 0
  let record = first
  for (; record < count; record++) {
    const state = load<u8>(memory.states + record)
    if (state !== createdState && state !== changedState) break
    const start = load<i32>(memory.recordStart + ((<usize>record) << 2))
    const size = load<i32>(memory.recordEnd + ((<usize>record) << 2)) - start
    if (length + size > room) break
    copy(out + length, memory.bytes + start, size)
    length += size
    store<u8>(out + length++, delimiter)
    const id = memory.ids + <usize>record * memory.idLength
    if (load<u8>(id) !== 0) {
      v128.store(out + length, v128.load(id))
      store<u16>(out + length, load<u16>(id, 16), 16)
      length += memory.idLength
    }
    const isCreated = state === createdState
    v128.store(out + length, v128.load(memory.settings + (isCreated ? 0 : 16)))
    length += isCreated ? createdLength : changedLength
  }
  written = length
  return record - first
}

/**
 * Notes what the records from `first` to `end` of a result file say of accepted rows: the Id, where it has 18 characters,
 * in `memory.ids` and whether the row was created in `memory.states`. A column below 0 is not there.
 */
export function readAccepted(first: i32, end: i32, idColumn: i32, createdColumn: i32): void {
  memory.zero(memory.ids + <usize>first * memory.idLength, <usize>(end - first) * memory.idLength)
  for (let record = first; record < end; record++) {
    const cells = (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2
    let state = changedState
    if (createdColumn >= 0) {
      let start = load<i32>(memory.cellStart + cells + ((<usize>createdColumn) << 2))
      if (load<u8>(memory.bytes + start) === quote) start++
      if (load<u8>(memory.bytes + start) === 0x74 /* t */) state = createdState
    }
    store<u8>(memory.states + record, state)
    if (idColumn < 0) continue
    let start = load<i32>(memory.cellStart + cells + ((<usize>idColumn) << 2))
    let end = load<i32>(memory.cellEnd + cells + ((<usize>idColumn) << 2))
    if (end - start >= 2 && load<u8>(memory.bytes + start) === quote) {
      start++
      end--
    }
    if (end - start !== memory.idLength) continue
    const id = memory.ids + <usize>record * memory.idLength
    v128.store(id, v128.load(memory.bytes + start))
    store<u16>(id, load<u16>(memory.bytes + start, 16), 16)
  }
}
