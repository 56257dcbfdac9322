// Puts records together for an upload, and rows for a result file.
import { copy } from './copy'
import { madeFirst, placeOfValue } from './make'
import * as memory from './memory'

const comma: u8 = 0x2c
const quote: u8 = 0x22
const lineFeed: u8 = 0x0a
const carriageReturn: u8 = 0x0d
// As in src/csv/records.ts: carriage returns inside cells, loose quotes.
const respelledTraits: u8 = 2 | 4

/** Bytes that the latest call put into `memory.out`. */
export let written: i32 = 0
/** Whether the latest `encodeRows` stopped because the part is full. */
export let partIsFull: bool = false

// As in src/load/encode-row.ts: what one piece of a record is, and bytes of its description in `memory.settings`.
const runPiece = 0
const cellPiece = 1
const madePiece = 2
const pieceBytes: usize = 16

/** Bytes before the pieces in `memory.settings`: start and end of the null marker, and bits. */
const headBytes: usize = 16
const emptyIsNull = 1
const isAlone = 2
/** Of a cell piece: it identifies the record and is never null. */
const isKey = 1

/**
 * Encodes the records from `first` to `end`, all of them sound and without loose quotes, into `memory.out` and returns their
 * number: comma, LF. It stops before a record whose bytes must be respelt where `pieces` copies them as they stand, and when
 * `enough` bytes are there. `memory.settings` holds the pieces: runs of columns, cells, made values, constants.
 */
export function encodeRows(first: i32, end: i32, pieces: i32, enough: i32, bytesLeft: i32, rowsLeft: i32): i32 {
  let record = first
  partIsFull = false
  length = 0
  for (; record < end && length < enough; record++) {
    const before = length
    if (!encodeRecord(record, pieces)) {
      length = before
      break
    }
    store<u8>(memory.out + length++, lineFeed)
    if (length > bytesLeft || record - first >= rowsLeft) {
      length = before
      partIsFull = true
      break
    }
  }
  written = length
  return record - first
}

/** Bytes in `memory.out`. */
let length: i32 = 0

/** False where it does not fit into `memory.out`, or cannot be copied as it stands. */
function encodeRecord(record: i32, pieces: i32): bool {
  const out = memory.out
  const cells = (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2
  const starts = memory.cellStart + cells
  const ends = memory.cellEnd + cells
  for (let index = 0; index < pieces; index++) {
    const piece = memory.settings + headBytes + <usize>index * pieceBytes
    const one = (<usize>load<i32>(piece, 4)) << 2
    const two = load<i32>(piece, 8)
    if (index > 0) store<u8>(out + length++, comma)
    let from: usize
    let size: i32
    switch (load<i32>(piece)) {
      case runPiece:
        if ((load<u8>(memory.traits + record) & respelledTraits) !== 0) return false
        from = memory.bytes + load<i32>(starts + one)
        size = <i32>(memory.bytes + load<i32>(ends + ((<usize>two) << 2)) - from)
        break
      case cellPiece: {
        const start = memory.bytes + load<i32>(starts + one)
        if (!encodeCell(start, memory.bytes + load<i32>(ends + one), two)) return false
        continue
      }
      case madePiece:
        if (!encodeMade(record - madeFirst, load<i32>(piece, 4), two, load<i32>(piece, 12))) return false
        continue
      default:
        from = memory.settings + load<i32>(piece, 4)
        size = two - load<i32>(piece, 4)
    }
    if (length + size + 2 > memory.outBytes) return false
    copy(out + length, from, size)
    length += size
  }
  return true
}

/** A cell as it stands, unless it is null, or its quotes or line ends are not those that are sent. */
function encodeCell(start: usize, end: usize, bits: i32): bool {
  const isQuoted = end - start >= 2 && load<u8>(start) === quote
  const from = isQuoted ? start + 1 : start
  const size = <i32>(end - start) - (isQuoted ? 2 : 0)
  if (length + 2 * size + 8 > memory.outBytes) return false
  if ((bits & isKey) === 0 && isNull(from, size)) writeNull()
  else if (size === 0) writeEmpty()
  else if (isQuoted || !writePlain(from, size)) writeQuoted(from, size, isQuoted)
  return true
}

/** The values from one column to another that were made of the cells of a record. */
function encodeMade(number: i32, first: i32, last: i32, bits: i32): bool {
  const room = memory.out + memory.outBytes - 8
  let place = placeOfValue(number, first)
  const step = placeOfValue(0, 1)
  let to = memory.out + length
  for (let column = first; column <= last; column++, place += step) {
    if (column > first) store<u8>(to++, comma)
    const start = <usize>load<u32>(memory.madeStart + place)
    const size = <usize>load<u32>(memory.madeEnd + place) - start
    if (to + 2 * size > room) return false
    if (size > 0 && copyPlain(to, start, <i32>size)) {
      to += size
      continue
    }
    length = <i32>(to - memory.out)
    if (size > 0) writeQuoted(start, <i32>size, false)
    else if ((bits & isKey) === 0 && (load<i32>(memory.settings, 8) & emptyIsNull) !== 0) writeNull()
    else writeEmpty()
    to = memory.out + length
  }
  length = <i32>(to - memory.out)
  return true
}

function isNull(from: usize, size: i32): bool {
  if (size === 0) return (load<i32>(memory.settings, 8) & emptyIsNull) !== 0
  const marker = load<i32>(memory.settings)
  if (load<i32>(memory.settings, 4) - marker !== size) return false
  for (let at = 0; at < size; at++) {
    if (load<u8>(from + at) !== load<u8>(memory.settings + marker + at)) return false
  }
  return true
}

/** `#N/A` */
function writeNull(): void {
  store<u32>(memory.out + length, 0x412f4e23)
  length += 4
}

/** With one column an empty cell would be an empty line. */
function writeEmpty(): void {
  if ((load<i32>(memory.settings, 8) & isAlone) === 0) return
  store<u16>(memory.out + length, 0x2222)
  length += 2
}

/** Writes a text as it stands; false, and nothing is written, where it needs quotes. */
function writePlain(from: usize, size: i32): bool {
  if (!copyPlain(memory.out + length, from, size)) return false
  length += size
  return true
}

/** Copies a text; false where it needs quotes. */
function copyPlain(target: usize, from: usize, size: i32): bool {
  for (let at = 0; at < size; at += 16) {
    const chunk = v128.load(from + at)
    v128.store(target + at, chunk)
    const left = size - at
    let mask = i8x16.bitmask(needQuotes(chunk))
    if (left < 16) mask &= (1 << left) - 1
    if (mask !== 0) return false
  }
  return true
}

/** By the lower four bits of a byte: the one that needs quotes, or one that has other bits. */
const quotedBytes = v128(1, 0, quote, 0, 0, 0, 0, 0, 0, 0, lineFeed, 0, comma, carriageReturn, 0, 0)

function needQuotes(chunk: v128): v128 {
  return i8x16.eq(i8x16.swizzle(quotedBytes, v128.and(chunk, i8x16.splat(0x0f))), chunk)
}

/** Line endings inside become LF, quotes of an unquoted text are doubled. */
function writeQuoted(from: usize, size: i32, isQuoted: bool): void {
  let to = memory.out + length
  store<u8>(to++, quote)
  for (let at = from; at < from + size; at++) {
    const byte = load<u8>(at)
    if (byte === carriageReturn) {
      store<u8>(to++, lineFeed)
      if (at + 1 < from + size && load<u8>(at + 1) === lineFeed) at++
      continue
    }
    if (byte === quote && !isQuoted) store<u8>(to++, quote)
    store<u8>(to++, byte)
  }
  store<u8>(to++, quote)
  length = <i32>(to - memory.out)
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
 * Notes what the records from `first` to `end` of a result file say of accepted rows: the Id, completed where it has 15
 * characters, in `memory.ids`, and whether the row was created in `memory.states`. A column below 0 is not there.
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
    const length = end - start
    if (length !== memory.idLength && length !== shortIdLength) continue
    const id = memory.ids + <usize>record * memory.idLength
    v128.store(id, v128.load(memory.bytes + start))
    if (length === shortIdLength) completeId(id)
    else store<u16>(id, load<u16>(memory.bytes + start, 16), 16)
  }
}

const shortIdLength: i32 = 15

/** As `normalizeId` in src/values/record-id.ts: for each five characters one that says which of them are capitals. */
function completeId(id: usize): void {
  for (let block: usize = 0; block < 3; block++) {
    let bits: u8 = 0
    for (let place: usize = 0; place < 5; place++) {
      const character = load<u8>(id + block * 5 + place)
      if (character >= 0x41 /* A */ && character <= 0x5a /* Z */) bits |= 1 << (<u8>place)
    }
    store<u8>(id + shortIdLength + block, bits < 26 ? 0x41 + bits : 0x30 + bits - 26)
  }
}
