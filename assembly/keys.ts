// Hashes of what identifies a record. The spellings are those of src/load/canonical-cell.ts, which is asked where a value needs
// more than is done here.
import { copy } from './copy'
import { hash } from './hash'
import { numberOfMade, placeOfValue } from './make'
import * as memory from './memory'
import { respell } from './respell'

const quote: u8 = 0x22
const carriageReturn: u8 = 0x0d
const zero: u8 = 0x30
const point: u8 = 0x2e
const fieldSeparator: u8 = 0x1f
/** `#N/A`, read as a number. */
const serviceNull: u32 = 0x412f4e23

// As in src/load/batch-keys.ts.
const numberKind = 1
const booleanKind = 2
const idKind = 3
const dateKind = 4
const datetimeKind = 5

/**
 * Bytes of one place in `memory.settings`: column, kind, start and end of a constant. The column -1 is a constant, -2, -3 and so
 * on are values that were made.
 */
const placeBytes: usize = 16

/** Bytes in `memory.scratch`. */
let length: i32 = 0

/**
 * Hashes `places` values of each of the records from `first` on into `memory.hashes`; a record with a value that needs more
 * gets the state 1 and no hash. Returns the number of those. In `memory.settings`: the places, then constants, the null
 * marker among them.
 */
export function hashRecords(first: i32, count: i32, places: i32, markerStart: i32, markerEnd: i32, seed: u64): i32 {
  let unknown = 0
  for (let record = first; record < count; record++) {
    length = 0
    const isKnown = writeRecord(record, places, markerStart, markerEnd)
    store<u8>(memory.states + record, isKnown ? 0 : 1)
    if (isKnown) store<u64>(memory.hashes + ((<usize>record) << 3), hash(memory.scratch, length, seed))
    else unknown++
  }
  return unknown
}

function writeRecord(record: i32, places: i32, markerStart: i32, markerEnd: i32): bool {
  const cells = (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2
  for (let place = 0; place < places; place++) {
    const setting = memory.settings + <usize>place * placeBytes
    const column = load<i32>(setting)
    let start: i32 = 0
    let end: i32 = 0
    let base = memory.bytes
    if (column < -1) {
      const number = numberOfMade(record)
      if (number < 0) return false
      const value = placeOfValue(number, -2 - column)
      start = load<i32>(memory.madeStart + value)
      end = load<i32>(memory.madeEnd + value)
      base = 0
    } else if (column >= 0) {
      start = load<i32>(memory.cellStart + cells + ((<usize>column) << 2))
      end = load<i32>(memory.cellEnd + cells + ((<usize>column) << 2))
    } else {
      base = memory.settings
      start = load<i32>(setting, 8)
      end = load<i32>(setting, 12)
    }
    if (length + end - start + 64 > memory.scratchBytes) return false
    if (column === -1) write(base + start, end - start)
    else if (column < -1) {
      if (!writeValue(base + start, end - start, load<i32>(setting, 4), false)) return false
    } else if (!writeCell(start, end, load<i32>(setting, 4), markerStart, markerEnd)) return false
    store<u8>(memory.scratch + length++, fieldSeparator)
  }
  return true
}

function writeCell(cellStart: i32, cellEnd: i32, kind: i32, markerStart: i32, markerEnd: i32): bool {
  const isQuoted = cellEnd - cellStart >= 2 && load<u8>(memory.bytes + cellStart) === quote
  const from = memory.bytes + cellStart + (isQuoted ? 1 : 0)
  const size = cellEnd - cellStart - (isQuoted ? 2 : 0)
  if (markerEnd - markerStart === size && markerStart > 0 && isSame(from, memory.settings + markerStart, size))
    return true
  return writeValue(from, size, kind, isQuoted)
}

function writeValue(from: usize, size: i32, kind: i32, isQuoted: bool): bool {
  if (size === 0 || (size === 4 && load<u32>(from) === serviceNull)) return true
  switch (kind) {
    case numberKind:
      return writeNumber(from, size)
    case booleanKind:
      return writeBoolean(from, size)
    case idKind:
      write(from, size === 18 ? 15 : size)
      return true
    case dateKind:
      if (!isPlainDate(from, size)) return false
      write(from, size)
      return true
    case datetimeKind:
      return false
    default:
      writeText(from, size, isQuoted)
      return true
  }
}

function write(from: usize, size: i32): void {
  copy(memory.scratch + length, from, size)
  length += size
}

function isSame(one: usize, other: usize, size: i32): bool {
  for (let at = 0; at < size; at++) if (load<u8>(one + at) !== load<u8>(other + at)) return false
  return true
}

/** Doubled quotes of a quoted cell become one, CRLF and CR become LF. */
function writeText(from: usize, size: i32, isQuoted: bool): void {
  if (!holdsQuoteOrReturn(from, size)) {
    write(from, size)
    return
  }
  length = <i32>(respell(from, size, isQuoted, memory.scratch + length) - memory.scratch)
}

function holdsQuoteOrReturn(from: usize, size: i32): bool {
  for (let at = 0; at < size; at += 16) {
    const chunk = v128.load(from + at)
    const found = v128.or(i8x16.eq(chunk, i8x16.splat(quote)), i8x16.eq(chunk, i8x16.splat(carriageReturn)))
    let mask = i8x16.bitmask(found)
    if (size - at < 16) mask &= (1 << (size - at)) - 1
    if (mask !== 0) return true
  }
  return false
}

function writeBoolean(from: usize, size: i32): bool {
  const first = load<u8>(from)
  if (size === 1 && (first === zero || first === zero + 1)) {
    writeTruth(first !== zero)
    return true
  }
  // Bit 5 makes a capital letter a small one.
  if (size === 4 && (load<u32>(from) | 0x20202020) === 0x65757274) {
    writeTruth(true)
    return true
  }
  if (size === 5 && (load<u32>(from) | 0x20202020) === 0x736c6166 && (load<u8>(from, 4) | 0x20) === 0x65) {
    writeTruth(false)
    return true
  }
  return false
}

function writeTruth(truth: bool): void {
  store<u32>(memory.scratch + length, truth ? 0x65757274 : 0x736c6166)
  if (!truth) store<u8>(memory.scratch + length, 0x65, 4)
  length += truth ? 4 : 5
}

/** `2026-11-21` */
function isPlainDate(from: usize, size: i32): bool {
  if (size !== 10) return false
  for (let at = 0; at < 10; at++) {
    const byte = load<u8>(from + at)
    if (at === 4 || at === 7 ? byte !== 0x2d : !isDigit(byte)) return false
  }
  return true
}

/**
 * Digits with a sign, a point or an exponent, in the spelling that JavaScript gives the number. Up to 15 significant digits
 * come out of a double as they went in, so the text can be had without making the number.
 */
function writeNumber(from: usize, size: i32): bool {
  const end = from + size
  let at = from
  const isNegative = load<u8>(at) === 0x2d
  if (isNegative) at++
  let digits: u64 = 0
  let significant = 0
  let exponent = 0
  let seen = 0
  let pointAt: usize = 0
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (byte === point && pointAt === 0) {
      pointAt = at
      continue
    }
    if (!isDigit(byte)) break
    seen++
    if (digits !== 0 || byte !== zero) significant++
    if (significant > 15) return false
    digits = digits * 10 + (byte - zero)
    if (pointAt !== 0) exponent--
  }
  if (seen === 0) return false
  if (at < end) {
    const told = readExponent(at, end)
    if (told === noExponent) return false
    exponent += told
  }
  return spell(isNegative, digits, exponent)
}

const noExponent: i32 = 100_000

/** `E8`, `e-3`: up to three digits. */
function readExponent(from: usize, end: usize): i32 {
  let at = from
  if ((load<u8>(at) | 0x20) !== 0x65) return noExponent
  at++
  const sign = at < end ? load<u8>(at) : 0
  if (sign === 0x2b || sign === 0x2d) at++
  if (at === end || end - at > 3) return noExponent
  let value = 0
  for (; at < end; at++) {
    const byte = load<u8>(at)
    if (!isDigit(byte)) return noExponent
    value = value * 10 + (byte - zero)
  }
  return sign === 0x2d ? -value : value
}

/** Writes digits × 10^exponent as JavaScript does, unless that takes an exponent. */
function spell(isNegative: bool, digits: u64, exponent: i32): bool {
  if (digits === 0) {
    store<u8>(memory.scratch + length++, zero)
    return true
  }
  while (digits % 10 === 0) {
    digits /= 10
    exponent++
  }
  let count = 0
  for (let rest = digits; rest !== 0; rest /= 10) count++
  const before = count + exponent
  if (before > 21 || before < -5) return false
  let target = memory.scratch + length
  if (isNegative) store<u8>(target++, 0x2d)
  if (before <= 0) {
    store<u8>(target++, zero)
    store<u8>(target++, point)
    for (let i = before; i < 0; i++) store<u8>(target++, zero)
  }
  const gap = before > 0 && before < count ? before : -1
  const width = count + (gap >= 0 ? 1 : 0)
  for (let place = width - 1; place >= 0; place--) {
    if (place === gap) {
      store<u8>(target + place, point)
    } else {
      store<u8>(target + place, zero + <u8>(digits % 10))
      digits /= 10
    }
  }
  target += width
  for (let i = 0; i < exponent; i++) store<u8>(target++, zero)
  length = <i32>(target - memory.scratch)
  return true
}

function isDigit(byte: u8): bool {
  return byte >= zero && byte <= 0x39
}
