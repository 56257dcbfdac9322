// Finds rows that can be sent without another look: every cell is plainly a good value. The rules are those of
// src/check/plain-cell.ts, where a cell that is not plain is read as text.
import { madeFirst, numberOfMade, placeOfValue } from './make'
import { isDay as isCalendarDay } from './make-date'
import * as memory from './memory'

const quote: u8 = 0x22
const zero: u8 = 0x30
const minus: u8 = 0x2d
const point: u8 = 0x2e
// As in src/csv/records.ts.
const looseQuoteTrait: u8 = 4

// As in src/csv/plain-rows.ts.
const lengthKind = 1
const booleanKind = 2
const integerKind = 3
const numberKind = 4
const dateKind = 5
const emptyIsGood = 1
const nullIsNotGood = 2

/**
 * Bytes of one check in `memory.settings`: column, kind, bits, two limits, start and end of the null marker. The columns -1, -2
 * and so on are values that were made.
 */
const checkBytes: usize = 32

/**
 * How many of the records from `first` to `end` follow one another that are sound, hold no loose quote, have something in
 * the cell `neededColumn` (`noColumn`: none is needed) and pass the checks in `memory.settings`; `usesMade`: and have values that were
 * made of their cells.
 *
 * Some records at a time, one check after the other: a check of one kind in a loop of its own takes half the time. Not all of
 * them, and few at first, or what lies behind a record that does not pass would be checked over and over.
 */
export function countPassing(first: i32, end: i32, checks: i32, neededColumn: i32, usesMade: bool): i32 {
  let records = fewestAtOnce
  for (let from = first; from < end; from += records) {
    if (from > first) records = min(2 * records, mostAtOnce)
    const to = min(from + records, end)
    let passing = countSound(from, to, neededColumn, usesMade)
    for (let check = 0; check < checks && passing > from; check++) {
      passing = countGood(from, passing, memory.settings + <usize>check * checkBytes)
    }
    if (passing < to) return passing - first
  }
  return end - first
}

const fewestAtOnce: i32 = 4
const mostAtOnce: i32 = 64

/** The first record from `first` on that is not sound; `end` where all are. The same is given by what follows. */
function countSound(first: i32, end: i32, neededColumn: i32, usesMade: bool): i32 {
  for (let record = first; record < end; record++) {
    if (load<u8>(memory.fault + record) !== 0) return record
    if ((load<u8>(memory.traits + record) & looseQuoteTrait) !== 0) return record
    if (usesMade && numberOfMade(record) < 0) return record
    if (neededColumn === noColumn) continue
    const place = placeOf(record, neededColumn)
    if (neededColumn < 0 ? isEmptyMade(place) : isEmptyCell(place)) return record
  }
  return end
}

function countGood(first: i32, end: i32, check: usize): i32 {
  const column = load<i32>(check)
  const kind = load<i32>(check, 4)
  const bits = load<i32>(check, 8)
  const most = load<i32>(check, 12)
  const scale = load<i32>(check, 16)
  const takesEmpty = (bits & emptyIsGood) !== 0
  for (let record = first; record < end; record++) {
    const place = placeOf(record, column)
    let start: usize
    let stop: usize
    if (column < 0) {
      start = load<u32>(memory.madeStart + place)
      stop = load<u32>(memory.madeEnd + place)
    } else {
      start = memory.bytes + load<i32>(memory.cellStart + place)
      stop = memory.bytes + load<i32>(memory.cellEnd + place)
      if (stop - start >= 2 && load<u8>(start) === quote) {
        start++
        stop--
      }
    }
    if (start === stop) {
      if (takesEmpty) continue
      return record
    }
    if ((bits & nullIsNotGood) !== 0) {
      if (!isLetterOrDigit(load<u8>(start))) return record
      if (isMarker(start, stop, load<i32>(check, 20), load<i32>(check, 24))) return record
    }
    if (!isGood(kind, start, stop, most, scale)) return record
  }
  return end
}

function isGood(kind: i32, start: usize, end: usize, most: i32, scale: i32): bool {
  const size = <i32>(end - start)
  switch (kind) {
    case lengthKind:
      return size <= most
    case booleanKind:
      return isBoolean(start, size)
    case integerKind:
      return isInteger(start, end)
    case numberKind:
      return isNumber(start, end, most, scale)
    case dateKind:
      return size === 10 && isDay(start)
    default:
      return true
  }
}

const noColumn: i32 = i32.MIN_VALUE

/** Where the tables of cells, or of values that were made, have this one; the record must have values where one is asked for. */
function placeOf(record: i32, column: i32): usize {
  if (column < 0) return placeOfValue(record - madeFirst, -1 - column)
  return (<usize>(load<i32>(memory.firstCell + ((<usize>record) << 2)) + column)) << 2
}

function isEmptyMade(place: usize): bool {
  return load<i32>(memory.madeStart + place) === load<i32>(memory.madeEnd + place)
}

function isEmptyCell(place: usize): bool {
  const start = load<i32>(memory.cellStart + place)
  const size = load<i32>(memory.cellEnd + place) - start
  return size === 0 || (size === 2 && load<u8>(memory.bytes + start) === quote)
}

/** What neither spaces nor `#N/A` begin with. */
function isLetterOrDigit(byte: u8): bool {
  const letter: u8 = byte | 0x20
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x7a)
}

function isMarker(start: usize, end: usize, markerStart: i32, markerEnd: i32): bool {
  if (<i32>(end - start) !== markerEnd - markerStart) return false
  const marker = memory.settings + markerStart
  for (let at: usize = 0; at < end - start; at++) {
    if (load<u8>(start + at) !== load<u8>(marker + at)) return false
  }
  return true
}

function isBoolean(start: usize, size: i32): bool {
  if (size === 1) return load<u8>(start) === zero || load<u8>(start) === zero + 1
  if (size === 4) return load<u32>(start) === 0x65757274
  return size === 5 && load<u32>(start) === 0x736c6166 && load<u8>(start, 4) === 0x65
}

/** Up to nine digits cannot leave the range. */
function isInteger(start: usize, end: usize): bool {
  if (load<u8>(start) === minus) start++
  return end > start && end - start <= 9 && areDigits(start, end)
}

/** Digits with at most one point: no more before it than the field has room for, after it where rounding could not add one. */
function isNumber(start: usize, end: usize, most: i32, scale: i32): bool {
  if (load<u8>(start) === minus) start++
  let digits = 0
  let decimals = -1
  for (let at = start; at < end; at++) {
    const byte = load<u8>(at)
    if (byte === point) {
      if (decimals >= 0) return false
      decimals = 0
    } else if (!isDigit(byte)) return false
    else if (decimals >= 0) decimals++
    else digits++
  }
  return digits > 0 && (digits < most || (digits === most && decimals <= scale))
}

/** `2026-11-21` */
function isDay(start: usize): bool {
  if (load<u8>(start, 4) !== minus || load<u8>(start, 7) !== minus) return false
  if (!areDigits(start, start + 4) || !areDigits(start + 5, start + 7) || !areDigits(start + 8, start + 10))
    return false
  const year = number(start, 4)
  return year >= 1700 && year <= 4000 && isCalendarDay(year, number(start + 5, 2), number(start + 8, 2))
}

function areDigits(start: usize, end: usize): bool {
  for (let at = start; at < end; at++) if (!isDigit(load<u8>(at))) return false
  return true
}

function number(start: usize, digits: i32): i32 {
  let value = 0
  for (let at = 0; at < digits; at++) value = value * 10 + (load<u8>(start + at) - zero)
  return value
}

function isDigit(byte: u8): bool {
  return byte >= zero && byte <= 0x39
}
